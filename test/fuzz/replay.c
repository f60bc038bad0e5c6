/* test/fuzz/replay.c
 * replay FOLDER: gives every file of the folder to a fuzz target, once. So every test run, with
 * any compiler, sees again what fuzzing has found. An empty or missing folder is a failure, since
 * then nothing was tried. */
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { PATH_BYTES_MAX = 4096, INPUT_BYTES_MAX = 1 << 20 };

/* The input is copied to a block of exactly its size, so that the address sanitizer sees a read of
 * one byte too many. */
static bool replay(const char *path)
{
    bool ok = false;
    uint8_t *exact = NULL;
    size_t size = 0;
    uint8_t *buffer = malloc(INPUT_BYTES_MAX);
    FILE *in = fopen(path, "rb");
    if (!buffer || !in)
        goto done;
    size = fread(buffer, 1, INPUT_BYTES_MAX, in);
    if (ferror(in) || getc(in) != EOF)
        goto done;
    exact = malloc(size > 0 ? size : 1);
    if (!exact)
        goto done;
    for (size_t i = 0; i < size; i++)
        exact[i] = buffer[i];
    ok = LLVMFuzzerTestOneInput(exact, size) == 0;
done:
    if (!ok)
        perror(path);
    free(exact);
    free(buffer);
    if (in)
        (void)fclose(in);
    return ok;
}

int main(int argc, char **argv)
{
    size_t inputs_count = 0;
    bool ok = true;
    DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;
    if (!folder) {
        (void)fprintf(stderr, "usage: replay FOLDER (which must be there)\n");
        return 2;
    }
    for (const struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
        char path[PATH_BYTES_MAX];
        if (entry->d_name[0] == '.')
            continue;
        int length = snprintf(path, sizeof(path), "%s/%s", argv[1], entry->d_name);
        ok = length > 0 && (size_t)length < sizeof(path) && replay(path) && ok;
        inputs_count++;
    }
    (void)closedir(folder);
    printf("%zu inputs\n", inputs_count);
    return ok && inputs_count > 0 ? 0 : 1;
}
