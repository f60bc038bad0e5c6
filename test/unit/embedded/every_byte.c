/* test/unit/embedded/every_byte.c
 * every_byte FILE: writes all pairs of byte values, so that each escape is followed by each byte.
 */
#include <stdio.h>

int main(int argc, char **argv)
{
    FILE *out = argc == 2 ? fopen(argv[1], "wb") : NULL;
    if (!out)
        return 2;
    for (int first = 0; first < 256; first++) {
        for (int second = 0; second < 256; second++) {
            (void)putc(first, out);
            (void)putc(second, out);
        }
    }
    return fclose(out) == 0 ? 0 : 1;
}
