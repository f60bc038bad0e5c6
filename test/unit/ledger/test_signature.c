#include <sys/stat.h>
#include <unistd.h>

#include "ledger/ledger_vectors.h"
#include "ledger/signature.h"
#include "ledger/sshsig.h"

static const struct value *entry_of(struct world *w, const struct value *file, struct slice n)
{
    uint64_t number;
    assert_true(slice_to_u64(n, &number));
    struct slice bytes = value_text_of(value_item(value_member(file, "entries"), number), "entry");
    const struct value *entry = json_parse(w->arena, bytes, "entry", &json_limits_default, &w->err);
    assert_non_null(entry);
    return entry;
}

static void what_is_signed_is_the_entry_without_index_time_and_signature(void **state)
{
    struct world *w = *state;
    const struct value *file = world_vectors(w, VECTORS "entries.json");
    const struct value *messages = value_member(file, "signed_messages");
    assert_int_equal(value_count(messages), 3);
    for (size_t i = 0; i < value_count(messages); i++) {
        const struct value *entry = entry_of(w, file, messages->members[i].name);
        struct slice message;
        assert_true(signature_message(w->arena, entry, &message, &w->err));
        assert_true(slice_equal(message, value_text(messages->members[i].value)));
        assert_true(signature_holds(w->arena, entry, &w->err));
    }
}

/* ---- allowed signers ---- */

static const char *state_name(enum signer_state state)
{
    static const char *const names[] = { [SIGNER_ESTABLISHED] = "established",
                                         [SIGNER_NOT_ESTABLISHED] = "not established",
                                         [SIGNER_WRONG] = "wrong signer" };
    return names[state];
}

static void signers_are_established_as_in_the_vectors(void **state)
{
    struct world *w = *state;
    const struct value *file = world_vectors(w, VECTORS "entries.json");
    const struct value *names = value_path(file, "commitments.names");
    const struct value *cases = value_path(file, "signers.cases");
    assert_true(value_count(cases) > 0);
    for (size_t i = 0; i < value_count(cases); i++) {
        const struct value *c = value_item(cases, i);
        const struct value *expected = value_member(c, "expect");
        for (size_t j = 0; j < value_count(expected); j++) {
            const struct value *entry = entry_of(w, file, expected->members[j].name);
            struct slice principal = { 0 }, actor = value_text_of(entry, "actor");
            for (size_t k = 0; k < value_count(names); k++) {
                if (slice_equal(names->members[k].name, actor))
                    principal = value_text(names->members[k].value);
            }
            enum signer_state found =
                signer_established(entry, principal, value_text_of(c, "signers"));
            if (!slice_is(value_text(expected->members[j].value), state_name(found)))
                fail_msg("%.*s: %s", SLICE_ARG(value_text_of(c, "why")), state_name(found));
        }
    }
}

#define KEY "AAAAC3NzaC1lZDI1NTE5AAAAILaaDSIzdRjeKHDjgKMg5Lbh4ax5+DxUIIulcGbUXCPv"

/* The opinion of the vectors, by person/partner at 2026-11-24T12:31:00Z, with this file. */
static void expect_signer(struct world *w, const char *signers, enum signer_state expected)
{
    const struct value *file = world_vectors(w, VECTORS "entries.json");
    const struct value *entry = entry_of(w, file, SLICE("31"));
    enum signer_state found = signer_established(entry, SLICE("person/partner"), slice_of(signers));
    if (found != expected)
        fail_msg("%s: %s", signers, state_name(found));
}

static void lines_may_have_all_that_openssh_lets_them_have(void **state)
{
    struct world *w = *state;
    static const struct {
        const char *line;
        enum signer_state expected;
    } cases[] = {
        { "person/partner ssh-ed25519 " KEY, SIGNER_ESTABLISHED },
        { "person/partner ssh-ed25519 " KEY " a comment\n", SIGNER_ESTABLISHED },
        { "person/partner ssh-ed25519 " KEY "\r\n", SIGNER_ESTABLISHED },
        { "  \n\nperson/partner\tssh-ed25519\t" KEY, SIGNER_ESTABLISHED },
        { "\"person/partner\" ssh-ed25519 " KEY, SIGNER_ESTABLISHED },
        { "person/reader,person/partner ssh-ed25519 " KEY, SIGNER_ESTABLISHED },
        { "person/* ssh-ed25519 " KEY, SIGNER_ESTABLISHED },
        { "*/part???,x ssh-ed25519 " KEY, SIGNER_ESTABLISHED },
        { "person/*,!person/partner ssh-ed25519 " KEY, SIGNER_WRONG },
        { "person/Partner ssh-ed25519 " KEY, SIGNER_WRONG },
        { "person/partner* namespaces=\"git,attest\" ssh-ed25519 " KEY, SIGNER_ESTABLISHED },
        { "person/partner namespaces=\"*\" ssh-ed25519 " KEY, SIGNER_ESTABLISHED },
        { "person/partner namespaces=\"*,!attest\" ssh-ed25519 " KEY, SIGNER_NOT_ESTABLISHED },
        { "person/partner cert-authority ssh-ed25519 " KEY, SIGNER_NOT_ESTABLISHED },
        { "person/partner valid-after=\"20261124\" ssh-ed25519 " KEY, SIGNER_ESTABLISHED },
        { "person/partner valid-after=\"20261124Z\" ssh-ed25519 " KEY, SIGNER_ESTABLISHED },
        { "person/partner valid-after=\"202611241231\" ssh-ed25519 " KEY, SIGNER_ESTABLISHED },
        { "person/partner valid-after=\"202611241232\" ssh-ed25519 " KEY, SIGNER_NOT_ESTABLISHED },
        { "person/partner valid-before=\"20261124123100\" ssh-ed25519 " KEY,
          SIGNER_NOT_ESTABLISHED },
        { "person/partner valid-before=\"20261124123101Z\" ssh-ed25519 " KEY, SIGNER_ESTABLISHED },
        { "person/partner valid-after=\"tomorrow\" ssh-ed25519 " KEY, SIGNER_NOT_ESTABLISHED },
        { "person/partner no-such-option ssh-ed25519 " KEY, SIGNER_NOT_ESTABLISHED },
        { "person/partner sk-ssh-ed25519@openssh.com " KEY, SIGNER_NOT_ESTABLISHED },
        { "person/partner ssh-ed25519", SIGNER_NOT_ESTABLISHED },
        { "person/partner \"ssh-ed25519 " KEY, SIGNER_NOT_ESTABLISHED },
        { "person/partner", SIGNER_NOT_ESTABLISHED },
        { "", SIGNER_NOT_ESTABLISHED },
        { "person/reader ssh-ed25519 " KEY "\nperson/partner ssh-ed25519 " KEY,
          SIGNER_ESTABLISHED },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        expect_signer(w, cases[i].line, cases[i].expected);
}

static void a_hostile_pattern_is_answered_at_once(void **state)
{
    struct strbuf line = strbuf_new(1 << 20);
    for (int i = 0; i < 20000; i++)
        strbuf_add_text(&line, "*p");
    strbuf_add_text(&line, " ssh-ed25519 " KEY);
    expect_signer(*state, line.at, SIGNER_WRONG);
    strbuf_free(&line);
}

/* ---- keys of people ---- */

/* Made by ssh-keygen for this test. */
static const char key_file[] =
    "-----BEGIN OPENSSH PRIVATE KEY-----\n"
    "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW\n"
    "QyNTUxOQAAACB6hvb9JiBe93vgDX8xv7a3RyQwOUa9yxY2qrq687ZGzQAAAJgs8DrrLPA6\n"
    "6wAAAAtzc2gtZWQyNTUxOQAAACB6hvb9JiBe93vgDX8xv7a3RyQwOUa9yxY2qrq687ZGzQ\n"
    "AAAEBltjEQ9g7a71LBjrefQ2esOi3vbUNf2AnzvDPf93AATnqG9v0mIF73e+ANfzG/trdH\n"
    "JDA5Rr3LFjaqurrztkbNAAAAEWZpeHR1cmUgZm9yIHRlc3RzAQIDBA==\n"
    "-----END OPENSSH PRIVATE KEY-----\n";
static const char public_line[] =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHqG9v0mIF73e+ANfzG/trdHJDA5Rr3LFjaqurrztkbN "
    "fixture for tests";
/* printf 'a message' | ssh-keygen -Y sign -n attest */
static const char message_signature[] =
    "U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgeob2/SYgXvd74A1/Mb+2t0ckMD"
    "lGvcsWNqq6uvO2Rs0AAAAGYXR0ZXN0AAAAAAAAAAZzaGE1MTIAAABTAAAAC3NzaC1lZDI1"
    "NTE5AAAAQL4ez2ZAO367oRX5+fXiWlUrHIdG0asXBFVP2/NezLoSUizHcBGFmACcXLA6IT"
    "zkM24zo73CeVh/NJVBvV5WAQE=";
static const char locked_key_file[] =
    "-----BEGIN OPENSSH PRIVATE KEY-----\n"
    "b3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHIAAAAGYmNyeXB0AAAAGAAAABBqAGnK/G\n"
    "ZnQTQJwnuEuLhdAAAAEAAAAAEAAAAzAAAAC3NzaC1lZDI1NTE5AAAAIIqzcF4nDmG5QLt8\n"
    "zxQ4DvdiBjhSKR/mbOSdpyh3fZNAAAAAkMO6pIovq0WdCVIPCXuWF9X3tj77PjDTKTNNa3\n"
    "fFnutslVi+3TvRICSXbWoZS/E0R5ze6GeroDxHXDT96VBqrT/u/9Xr2/vboHvJ2TWUxyx6\n"
    "f3aoLsgwjTe4otnYjDdAryOUBU3G/3LhS4I9RTYZRpUIGwy22Pm1AwhOAHtfc0AG/TGrHi\n"
    "4TUzek+naCc2p9Fg==\n"
    "-----END OPENSSH PRIVATE KEY-----\n";
static const char ecdsa_key_file[] =
    "-----BEGIN OPENSSH PRIVATE KEY-----\n"
    "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAaAAAABNlY2RzYS\n"
    "1zaGEyLW5pc3RwMjU2AAAACG5pc3RwMjU2AAAAQQSq9iiAy4razX+/ad/wN2hGCI2CWLIe\n"
    "aKsPxBmUtJ30VBsJ7Pu1uvRnP6idR6rrvubRDHvpx929bZxa9jxtKeQJAAAAoK2jX16to1\n"
    "9eAAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBKr2KIDLitrNf79p\n"
    "3/A3aEYIjYJYsh5oqw/EGZS0nfRUGwns+7W69Gc/qJ1Hquu+5tEMe+nH3b1tnFr2PG0p5A\n"
    "kAAAAhAOl4jPm/F73NjIgbwUhNgnQqPfS+zprUc4nsoMOXyGpZAAAAB2ZpeHR1cmU=\n"
    "-----END OPENSSH PRIVATE KEY-----\n";

struct folder {
    char path[64];
    char key[80], public_key[96];
};

static struct folder folder_begin(void)
{
    struct folder folder = { .path = "/tmp/attest-key-XXXXXX" };
    assert_non_null(mkdtemp(folder.path));
    snprintf(folder.key, sizeof folder.key, "%s/key", folder.path);
    snprintf(folder.public_key, sizeof folder.public_key, "%s.pub", folder.key);
    return folder;
}

static void folder_end(const struct folder *folder)
{
    (void)unlink(folder->key);
    (void)unlink(folder->public_key);
    assert_int_equal(rmdir(folder->path), 0);
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void a_key_of_ssh_keygen_signs_as_ssh_keygen_does(void **state)
{
    struct world *w = *state;
    struct folder folder = folder_begin();
    struct person_key key;
    struct slice blob;
    struct strbuf made = strbuf_new(4096), text = strbuf_new(4096);
    write_file(folder.key, key_file);
    assert_true(person_key_read(w->arena, folder.key, &key, &w->err));
    assert_true(ssh_public_parse(w->arena, slice_of(public_line), &blob, &w->err));
    assert_true(slice_equal(slice_from(blob, blob.len - 32), slice_bytes(key.public_key, 32)));
    struct person_signer signing = person_key_signer(&key);
    assert_true(sshsig_make(&signing, SLICE("a message"), &made, &w->err));
    base64_add(&text, made.at, made.len);
    assert_true(slice_is(strbuf_slice(&text), message_signature));
    strbuf_free(&made);
    strbuf_free(&text);
    folder_end(&folder);
}

static void a_key_made_is_read_again_and_never_overwritten(void **state)
{
    struct world *w = *state;
    struct folder folder = folder_begin();
    struct person_key key, again;
    struct slice line, blob;
    struct stat status;
    assert_true(person_key_create(w->arena, folder.key, SLICE("partner"), &line, &w->err));
    assert_int_equal(stat(folder.key, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_true(person_key_read(w->arena, folder.key, &key, &w->err));
    assert_true(slice_ends_with(line, SLICE(" partner")));
    assert_true(ssh_public_parse(w->arena, line, &blob, &w->err));
    assert_true(slice_equal(slice_from(blob, blob.len - 32), slice_bytes(key.public_key, 32)));

    assert_false(person_key_create(w->arena, folder.key, SLICE("partner"), &line, &w->err));
    assert_int_equal(w->err.code, ERROR_IO);
    assert_true(person_key_read(w->arena, folder.key, &again, &w->err));
    assert_memory_equal(key.seed, again.seed, sizeof key.seed);

    /* A public key that is there already is not replaced either, and leaves no private one. */
    (void)unlink(folder.key);
    assert_false(person_key_create(w->arena, folder.key, SLICE(""), &line, &w->err));
    assert_int_not_equal(access(folder.key, F_OK), 0);
    folder_end(&folder);
}

static void keys_that_cannot_sign_are_refused_with_the_reason(void **state)
{
    struct world *w = *state;
    struct folder folder = folder_begin();
    static const struct {
        const char *text, *reason;
    } cases[] = {
        { locked_key_file, "passphrase" },
        { ecdsa_key_file, "Ed25519" },
        { "", "BEGIN OPENSSH" },
        { "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n", "BEGIN OPENSSH" },
        { "-----BEGIN OPENSSH PRIVATE KEY-----\n!\n-----END OPENSSH PRIVATE KEY-----\n", "base64" },
        { "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n-----END OPENSSH PRIVATE KEY-----\n",
          "format" },
        { "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA\n"
          "-----END OPENSSH PRIVATE KEY-----\n",
          "cut short" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct person_key key;
        write_file(folder.key, cases[i].text);
        assert_false(person_key_read(w->arena, folder.key, &key, &w->err));
        assert_int_equal(w->err.code, ERROR_INVALID);
        if (!strstr(w->err.message, cases[i].reason))
            fail_msg("%s: %s", cases[i].reason, w->err.message);
        assert_true(w->err.hint[0] != '\0');
    }
    struct person_key key;
    (void)unlink(folder.key);
    assert_false(person_key_read(w->arena, folder.key, &key, &w->err));
    assert_int_equal(w->err.code, ERROR_NOT_FOUND);
    folder_end(&folder);
}

static void a_key_file_of_which_a_byte_was_changed_is_refused(void **state)
{
    struct world *w = *state;
    struct folder folder = folder_begin();
    char text[sizeof key_file];
    struct person_key key;
    size_t accepted = 0;
    for (size_t at = 36; at + 35 < sizeof key_file; at++) {
        memcpy(text, key_file, sizeof text);
        text[at] = text[at] == 'A' ? 'B' : 'A';
        write_file(folder.key, text);
        /* Only the 17 bytes of the comment are free. */
        accepted += person_key_read(w->arena, folder.key, &key, &w->err) ? 1 : 0;
    }
    assert_true(accepted <= 24);
    folder_end(&folder);
}

static void public_lines_of_another_form_are_refused(void **state)
{
    struct world *w = *state;
    static const char *const lines[] = { "", "ssh-ed25519", "ssh-ed25519 !", "ssh-ed25519 AAAA",
                                         ("ssh-rsa " KEY) };
    struct slice blob;
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        if (ssh_public_parse(w->arena, slice_of(lines[i]), &blob, &w->err))
            fail_msg("accepted: %s", lines[i]);
    }
}

/* ---- signing an entry ---- */

static struct value *unsigned_entry(struct world *w)
{
    struct value *entry = value_new(w->arena, VALUE_OBJECT, &w->err);
    assert_non_null(entry);
    assert_true(value_put_text(w->arena, entry, "type", SLICE("opinion"), &w->err));
    assert_true(value_put_i64(w->arena, entry, "n", 7, &w->err));
    assert_true(
        value_put_text(w->arena, entry, "at", SLICE("2026-01-01T00:00:00.000000Z"), &w->err));
    return entry;
}

static void a_signature_made_holds_wherever_the_entry_comes_to_stand(void **state)
{
    struct world *w = *state;
    struct person_key key;
    struct slice message;
    struct value *entry = unsigned_entry(w);
    random_fill(key.seed, sizeof key.seed);
    ed25519_public_key(key.seed, key.public_key);
    assert_true(signature_message(w->arena, entry, &message, &w->err));
    expect_slice(message, "{\"type\":\"opinion\"}");
    struct person_signer signing = person_key_signer(&key);
    struct value *sig = signature_make(w->arena, &signing, message, &w->err);
    assert_true(value_put(w->arena, entry, "sig", sig, &w->err));
    assert_true(signature_holds(w->arena, entry, &w->err));
    assert_true(value_put_i64(w->arena, entry, "n", 8, &w->err));
    assert_true(signature_holds(w->arena, entry, &w->err));
    assert_true(value_put_text(w->arena, entry, "type", SLICE("report"), &w->err));
    assert_false(signature_holds(w->arena, entry, &w->err));
    assert_int_equal(w->err.code, ERROR_INVALID);
}

static void signatures_of_no_known_form_are_refused(void **state)
{
    struct world *w = *state;
    static const char *const forms[] = {
        "null",
        "{}",
        "[]",
        "{\"key\":\"00\"}",
        "{\"ed25519\":\"AAAA\"}",
        "{\"ed25519\":\"AAAA\",\"key\":\"\"}",
        "{\"ed25519\":\"AAAA\",\"key\":\"0\"}",
        "{\"ed25519\":\"AAAA\",\"key\":\"AB\"}",
        "{\"ed25519\":\"AAAA\",\"key\":\"ab\"}",
        "{\"ed25519\":1,\"key\":\"7a86f6fd26205ef77be00d7f31bfb6b74724303946bdcb1636aaabaa\"}",
        "{\"key\":\"ab\",\"pgp\":\"AAAA\"}",
        "{\"key\":\"ab\",\"sshsig\":\"AAAA\"}",
        "{\"key\":\"ab\",\"webauthn\":{}}",
        "{\"key\":\"ab\",\"webauthn\":null}",
    };
    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        struct value *entry = unsigned_entry(w);
        struct value *sig =
            json_parse(w->arena, slice_of(forms[i]), "sig", &json_limits_default, &w->err);
        assert_true(value_put(w->arena, entry, "sig", sig, &w->err));
        memset(&w->err, 0, sizeof w->err);
        if (signature_holds(w->arena, entry, &w->err) || w->err.code != ERROR_INVALID)
            fail_msg("%s: %s", forms[i], w->err.message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(what_is_signed_is_the_entry_without_index_time_and_signature),
        WORLD_TEST(signers_are_established_as_in_the_vectors),
        WORLD_TEST(lines_may_have_all_that_openssh_lets_them_have),
        WORLD_TEST(a_hostile_pattern_is_answered_at_once),
        WORLD_TEST(a_key_of_ssh_keygen_signs_as_ssh_keygen_does),
        WORLD_TEST(a_key_made_is_read_again_and_never_overwritten),
        WORLD_TEST(keys_that_cannot_sign_are_refused_with_the_reason),
        WORLD_TEST(a_key_file_of_which_a_byte_was_changed_is_refused),
        WORLD_TEST(public_lines_of_another_form_are_refused),
        WORLD_TEST(a_signature_made_holds_wherever_the_entry_comes_to_stand),
        WORLD_TEST(signatures_of_no_known_form_are_refused),
    };
    return cmocka_run_group_tests_name("signature", tests, NULL, NULL);
}
