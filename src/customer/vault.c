/* vault.c - the master key in its file; see vault.h. */
#include "customer/vault.h"
#include "base/secret.h"
#include "store/setting.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_ROOM = 4096 + 16, HASH_TEXT_ROOM = 2 * VAULT_HASH_BYTES + 1, FILE_ROOM = 128 };

static const char file_begin[] = "holdfast-key-1 ";

static void derive(const uint8_t master[VAULT_KEY_BYTES], struct vault *ret_vault)
{
    secret_keyed_hash(master, text_of("seal"), ret_vault->seal_key, sizeof ret_vault->seal_key);
    secret_keyed_hash(master, text_of("look up"), ret_vault->hash_key, sizeof ret_vault->hash_key);
}

#define CHECK_SETTING "vault_check"

/* What the database remembers of its key, to tell it from another's. */
static void check_text(const struct vault *vault, char ret_text[HASH_TEXT_ROOM])
{
    uint8_t hash[VAULT_HASH_BYTES];
    vault_hash(vault, "check", text_of(""), hash);
    secret_hex(hash, sizeof hash, ret_text);
}

static bool check_get(struct store *store, char ret_check[HASH_TEXT_ROOM], struct err *err)
{
    char *check;
    if (!setting_get(store, CHECK_SETTING, &check, err)) return false;
    snprintf(ret_check, HASH_TEXT_ROOM, "%s", check ? check : "");
    free(check);
    return true;
}

static bool check_put(struct store *store, const struct vault *vault, struct err *err)
{
    char check[HASH_TEXT_ROOM];
    check_text(vault, check);
    return setting_put(store, CHECK_SETTING, check, err);
}

/* *ret_exists false: there is no such file. */
static bool file_read(const char *path, uint8_t ret_master[VAULT_KEY_BYTES], bool *ret_exists, struct err *err)
{
    char bytes[FILE_ROOM];
    struct stat status;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    *ret_exists = file >= 0;
    if (file < 0 && errno == ENOENT) return true;
    if (file < 0) return err_set(err, ERR_IO, "the key file '%s' cannot be read: %s", path, strerror(errno));
    bool is_private = fstat(file, &status) == 0 && (status.st_mode & (S_IRWXG | S_IRWXO)) == 0;
    ssize_t n = read(file, bytes, sizeof bytes - 1);
    (void)close(file);      /* nothing was written */
    if (!is_private)
        return err_set(err, ERR_INVALID, "others may read the key file '%s': allow its owner only (chmod 600)",
                       path);
    size_t begin = strlen(file_begin);
    bool ok = n > (ssize_t)begin && memcmp(bytes, file_begin, begin) == 0 &&
              secret_unhex(text_trim((struct text){ bytes + begin, strcspn(bytes + begin, "\n") }), ret_master,
                           VAULT_KEY_BYTES);
    secret_forget(bytes, sizeof bytes);
    return ok || err_set(err, ERR_INVALID, "'%s' is no key file: put back the one of this database", path);
}

/* Written beside and renamed, so that a key file is whole or not there. */
static bool file_write(const char *path, const uint8_t master[VAULT_KEY_BYTES], struct err *err)
{
    char fresh[PATH_ROOM + 8], hex[2 * VAULT_KEY_BYTES + 1], line[FILE_ROOM];
    snprintf(fresh, sizeof fresh, "%s.new", path);
    secret_hex(master, VAULT_KEY_BYTES, hex);
    int length = snprintf(line, sizeof line, "%s%s\n", file_begin, hex);
    (void)unlink(fresh);    /* of a process that died here */
    int file = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    bool ok = file >= 0 && write(file, line, (size_t)length) == length && fsync(file) == 0;
    int error = errno;
    if (file >= 0 && close(file) != 0) ok = false;
    ok = ok && rename(fresh, path) == 0;
    if (!ok && error == 0) error = errno;
    secret_forget(hex, sizeof hex);
    secret_forget(line, sizeof line);
    if (ok) return true;
    (void)unlink(fresh);
    return err_set(err, ERR_IO, "the key file '%s' cannot be written: %s", path, strerror(error));
}

/* Another process may do the same: whoever has the transaction does it. */
static bool make(struct store *store, const char *path, struct vault *ret_vault, struct err *err)
{
    uint8_t master[VAULT_KEY_BYTES];
    bool has_file = false, is_outer = store_in_transaction(store);
    if (!is_outer && !store_begin(store, err)) return false;
    bool ok = file_read(path, master, &has_file, err);
    if (ok && !has_file) {
        secret_random(master, sizeof master);
        ok = file_write(path, master, err);
    }
    if (ok) derive(master, ret_vault);
    ok = ok && check_put(store, ret_vault, err) && (is_outer || store_commit(store, err));
    if (!ok && !is_outer) store_rollback(store);
    secret_forget(master, sizeof master);
    return ok;
}

bool vault_open(struct store *store, bool is_made, struct vault *ret_vault, struct err *err)
{
    char path[PATH_ROOM], wanted[HASH_TEXT_ROOM], check[HASH_TEXT_ROOM];
    uint8_t master[VAULT_KEY_BYTES];
    bool has_file = false;
    if (!secret_start(err)) return false;
    if (strcmp(store_path(store), ":memory:") == 0) {
        secret_random(master, sizeof master);
        derive(master, ret_vault);
        return true;
    }
    if (snprintf(path, sizeof path, "%s.key", store_path(store)) >= (int)sizeof path)
        return err_set(err, ERR_INVALID, "the name of the database is too long for its key file");
    if (!check_get(store, wanted, err)) return false;
    if (!*wanted && is_made) return make(store, path, ret_vault, err);
    if (!file_read(path, master, &has_file, err)) return false;
    if (!has_file)
        return err_set(err, ERR_MISSING,
                       *wanted ? "the key file '%s' is gone: without it nothing personal in the database can be "
                                 "read; put it back from its safe place"
                               : "there is no key file '%s': the server makes it when it first starts", path);
    derive(master, ret_vault);
    secret_forget(master, sizeof master);
    check_text(ret_vault, check);
    return !*wanted || strcmp(check, wanted) == 0 ||
           err_set(err, ERR_INVALID, "'%s' is the key file of another database: put back this one's", path);
}

void vault_hash(const struct vault *vault, const char *what, struct text text, uint8_t ret_hash[VAULT_HASH_BYTES])
{
    uint8_t key[VAULT_KEY_BYTES];       /* of this use alone */
    secret_keyed_hash(vault->hash_key, text_of(what), key, sizeof key);
    secret_keyed_hash(key, text, ret_hash, VAULT_HASH_BYTES);
}
