/* statements.c - checks the SQL of src/store when the program is built, and writes C functions for it.
 *
 * usage: statements FOLDER, in the project's folder.  Every file of src/store/migration is run on a database in
 * memory; every file of src/store/sql is prepared against the tables that makes, and becomes a function in
 * FOLDER/store/sql.h and .c.  What is wrong is printed as file:line: and nothing is written.
 *
 * Comments at the head of a statement's file describe it, but for two kinds of lines:
 *     -- takes segment INTEGER, identity, since_ms       the names of ?1, ?2, ?3
 *     -- gives n INTEGER                                  types of columns that are expressions
 *     -- gives one: n INTEGER                             ... and there is always exactly one row, of numbers
 *     -- gives rows of log_blocks                         the columns of another statement, read as its rows are
 * A name without a type has the type of the columns called so; NULL behind a type: it may be NULL.
 *
 * A migration says of every table what becomes of a person's data in it; the last word counts:
 *     -- person score: erase by identity, export privacy_scores as scores
 *     -- person consent: erase in customer/consent.c, export in govern/privacy_export.c
 *     -- person setting: none */
#include <ctype.h>
#include <glob.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NAME_ROOM = 64, MOST_VALUES = 32, MOST_STATEMENTS = 1024, MOST_TABLES = 256, PATH_ROOM = 512 };
enum type { UNKNOWN, INTEGER, REAL, TEXT, BLOB };

struct named { char name[NAME_ROOM]; enum type type; bool may_be_null; };

struct statement {
    char         name[NAME_ROOM];
    const char  *path;
    char        *sql, *comment;
    struct named parameters[MOST_VALUES], columns[MOST_VALUES];
    int          n_parameters, n_columns;
    bool         is_one;        /* gives exactly one row */
    char         rows_of[NAME_ROOM];    /* whose rows it gives; "" its own */
};

/* What becomes of a person's data in a table; how and where as the migration words it. */
struct person_table { char table[NAME_ROOM], erase[3][NAME_ROOM], export[3][NAME_ROOM]; };

static struct statement statements[MOST_STATEMENTS];
static struct person_table tables[MOST_TABLES];
static int n_statements, n_tables;
static bool has_failed;

static void complain(const char *path, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void complain(const char *path, int line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fprintf(stderr, "%s:%d: ", path, line);
    vfprintf(stderr, format, args);
    fprintf(stderr, "\n");
    va_end(args);
    has_failed = true;
}

static int line_at(const char *text, long offset)
{
    int line = 1;
    for (long i = 0; i < offset && text[i]; i++) line += text[i] == '\n';
    return line;
}

static char *read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    size_t room = 1 << 20;
    char *text = malloc(room);
    if (!file || !text) { perror(path); exit(1); }
    size_t n = fread(text, 1, room - 1, file);
    text[n] = '\0';
    fclose(file);
    return text;
}

/* ---- words ---- */

static void name_copy(char *to, const char *from) { memcpy(to, from, strlen(from) + 1); }

/* The next word: letters, digits and "_./"; or one other character; "" at the end of the line. */
static bool next_word(const char **at, char word[NAME_ROOM])
{
    size_t n = 0;
    while (**at == ' ') ++*at;
    while ((isalnum((unsigned char)**at) || (**at && strchr("_./", **at))) && n + 1 < NAME_ROOM)
        word[n++] = *(*at)++;
    if (n == 0 && **at && **at != '\n') word[n++] = *(*at)++;
    word[n] = '\0';
    return n > 0;
}

static bool word_is(const char **at, const char *wanted)
{
    char word[NAME_ROOM];
    const char *before = *at;
    if (next_word(at, word) && strcmp(word, wanted) == 0) return true;
    *at = before;
    return false;
}

static enum type type_of(const char *word)
{
    static const char *const words[] = { "", "INTEGER", "REAL", "TEXT", "BLOB" };
    for (int i = INTEGER; word && i <= BLOB; i++)
        if (strcmp(word, words[i]) == 0) return (enum type)i;
    return UNKNOWN;
}

/* name [TYPE [NULL]], ... up to the end of the line. */
static void read_named(const char *at, const char *path, int line, struct named *ret, int *ret_n)
{
    char word[NAME_ROOM];
    for (*ret_n = 0; *ret_n < MOST_VALUES && next_word(&at, word); ++*ret_n) {
        struct named *named = &ret[*ret_n];
        *named = (struct named){ .type = UNKNOWN };
        name_copy(named->name, word);
        const char *before = at;
        if (next_word(&at, word) && type_of(word)) named->type = type_of(word);
        else at = before;
        named->may_be_null = word_is(&at, "NULL");
        if (!word_is(&at, ",") && *at && *at != '\n') {
            complain(path, line, "expected a comma after '%s'", named->name);
            return;
        }
    }
}

/* ---- migrations ---- */

static void read_person_table(const char *at, const char *path, int line)
{
    struct person_table table = { .table = "" };
    char word[NAME_ROOM];
    bool ok = next_word(&at, table.table) && word_is(&at, ":");
    if (ok && word_is(&at, "none")) name_copy(table.erase[0], "none"), name_copy(table.export[0], "none");
    for (int i = 0; ok && i < 2 && !(i == 0 && *table.erase[0]); i++) {
        char (*words)[NAME_ROOM] = i ? table.export : table.erase;
        ok = word_is(&at, i ? "export" : "erase");
        for (int w = 0; ok && w < 3 && *at != ',' && next_word(&at, word) && strcmp(word, ",") != 0; w++)
            name_copy(words[w], word);
        ok = ok && *words[0] && (i == 1 || word_is(&at, ","));
        if (ok && strcmp(words[0], "in") == 0) {
            char file[PATH_ROOM];
            snprintf(file, sizeof file, "src/%s", words[1]);
            if (access(file, F_OK) != 0) complain(path, line, "there is no '%s'", file);
        }
    }
    if (!ok) { complain(path, line, "expected: person TABLE: erase ..., export ...; or none"); return; }
    int t = 0;
    while (t < n_tables && strcmp(tables[t].table, table.table) != 0) t++;
    tables[t] = table;
    if (t == n_tables) n_tables++;
}

static void read_person_lines(const char *path, const char *text)
{
    static const char begin[] = "-- person ";
    for (const char *at = text; (at = strstr(at, begin)); at += sizeof begin)
        if (at == text || at[-1] == '\n') read_person_table(at + sizeof begin - 1, path, line_at(text, at - text));
}

static const char *skip_comments(const char *at)
{
    while (at += strspn(at, " \n"), strncmp(at, "--", 2) == 0) at += strcspn(at, "\n");
    return at;
}

static void run_migration(sqlite3 *db, const char *path)
{
    char *text = read_file(path);
    for (const char *at = text, *tail; *at; at = tail) {
        sqlite3_stmt *prepared = NULL;
        if (sqlite3_prepare_v2(db, at, -1, &prepared, &tail) != SQLITE_OK ||
            (prepared && sqlite3_step(prepared) != SQLITE_DONE)) {
            int offset = sqlite3_error_offset(db);
            const char *where = offset > 0 ? at + offset : skip_comments(at);
            complain(path, line_at(text, where - text), "%s", sqlite3_errmsg(db));
            break;
        }
        sqlite3_finalize(prepared);
    }
    read_person_lines(path, text);
    free(text);
}

static void run_migrations(sqlite3 *db)
{
    glob_t files;
    if (glob("src/store/migration/*.sql", 0, NULL, &files) != 0) {
        complain("src/store/migration", 1, "no files");
        return;
    }
    for (size_t i = 0; i < files.gl_pathc; i++) {
        const char *path = files.gl_pathv[i];
        if (strtol(strrchr(path, '/') + 1, NULL, 10) != (long)i + 1)
            complain(path, 1, "this is migration number %zu: rename it if it is the later of two", i + 1);
        run_migration(db, path);
    }
    globfree(&files);
}

static bool table_exists(sqlite3 *db, const char *table)
{
    return sqlite3_table_column_metadata(db, "main", table, NULL, NULL, NULL, NULL, NULL, NULL) == SQLITE_OK;
}

static void check_tables(sqlite3 *db)
{
    sqlite3_stmt *rows;
    const char *where = "src/store/migration", *query =
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    if (sqlite3_prepare_v2(db, query, -1, &rows, NULL) != SQLITE_OK) return;
    while (sqlite3_step(rows) == SQLITE_ROW) {
        const char *table = (const char *)sqlite3_column_text(rows, 0);
        int t = 0;
        while (t < n_tables && strcmp(tables[t].table, table) != 0) t++;
        if (t == n_tables)
            complain(where, 1, "table %s does not say what erasing and exporting a person does with it: put "
                     "\"-- person %s: ...\" before it (tools/statements.c)", table, table);
    }
    sqlite3_finalize(rows);
    for (int t = 0; t < n_tables; t++) {
        const struct person_table *table = &tables[t];
        if (!table_exists(db, table->table)) *tables[t].table = '\0';      /* dropped since */
        else if (strcmp(table->erase[0], "by") == 0 &&
                 sqlite3_table_column_metadata(db, "main", table->table, table->erase[1], NULL, NULL, NULL, NULL,
                                               NULL) != SQLITE_OK)
            complain(where, 1, "table %s has no column %s to erase by", table->table, table->erase[1]);
    }
}

/* ---- statements ---- */

/* The type of the columns of that name in the tables that the statement names, if they agree. */
static bool type_by_name(sqlite3 *db, const struct statement *statement, struct named *named)
{
    sqlite3_stmt *rows;
    bool is_found = false, agrees = true;
    const char *query =
        "SELECT c.type, c.\"notnull\" OR c.pk FROM sqlite_schema AS t, pragma_table_info(t.name) AS c "
        "WHERE t.type = 'table' AND c.name = ?1 AND instr(?2, t.name)";
    if (sqlite3_prepare_v2(db, query, -1, &rows, NULL) != SQLITE_OK) return false;
    sqlite3_bind_text(rows, 1, named->name, -1, SQLITE_STATIC);
    sqlite3_bind_text(rows, 2, statement->sql, -1, SQLITE_STATIC);
    while (sqlite3_step(rows) == SQLITE_ROW) {
        enum type type = type_of((const char *)sqlite3_column_text(rows, 0));
        if (is_found && type != named->type) agrees = false;
        named->type = type, is_found = true;
        if (!sqlite3_column_int(rows, 1)) named->may_be_null = true;
    }
    sqlite3_finalize(rows);
    return is_found && agrees && named->type;
}

/* A column of a table has that one's type; an expression the one stated, or that of its name. */
static void type_column(sqlite3 *db, struct statement *statement, sqlite3_stmt *prepared, int c,
                        const struct named *stated, int n_stated)
{
    struct named *column = &statement->columns[c];
    const char *table = sqlite3_column_table_name(prepared, c), *origin = sqlite3_column_origin_name(prepared, c);
    const char *declared;
    int is_not_null, is_key;
    snprintf(column->name, sizeof column->name, "%s", sqlite3_column_name(prepared, c));
    for (int i = 0; i < n_stated; i++)
        if (strcmp(stated[i].name, column->name) == 0 && stated[i].type) { *column = stated[i]; return; }
    if (table && origin && sqlite3_table_column_metadata(db, "main", table, origin, &declared, NULL, &is_not_null,
                                                         &is_key, NULL) == SQLITE_OK) {
        column->type = type_of(declared);
        column->may_be_null = !is_not_null && !is_key;
    }
    for (const char *at = column->name; *at; at++)
        if (!isalnum((unsigned char)*at) && *at != '_') {
            complain(statement->path, 1, "column %d needs a name: %s AS ...", c + 1, column->name);
            return;
        }
    if (!column->type && !type_by_name(db, statement, column))
        complain(statement->path, 1, "what type is column %s?  Say it: \"-- gives %s INTEGER\"", column->name,
                 column->name);
}

/* Takes the head's lines apart; what they say of parameters and columns. */
static void read_head(struct statement *statement, char *text, struct named *ret_stated, int *ret_n)
{
    char *comment = statement->comment = calloc(1, strlen(text) + 1), *at = text;
    for (int line = 1; strncmp(at, "--", 2) == 0; line++) {
        const char *words = at + 2 + (at[2] == ' ');
        size_t length = strcspn(words, "\n");
        if (strncmp(words, "takes ", 6) == 0) {
            read_named(words + 6, statement->path, line, statement->parameters, &statement->n_parameters);
        } else if (strncmp(words, "gives rows of ", 14) == 0) {
            words += 14;
            (void)next_word(&words, statement->rows_of);
        } else if (strncmp(words, "gives ", 6) == 0) {
            statement->is_one = strncmp(words, "gives one", 9) == 0;
            words += statement->is_one ? 9 + (words[9] == ':') : 6;
            read_named(words, statement->path, line, ret_stated, ret_n);
        } else {
            snprintf(comment + strlen(comment), length + 4, "%s%.*s", *comment ? "\n * " : "", (int)length, words);
        }
        at += strcspn(at, "\n");
        at += *at == '\n';
    }
    statement->sql = at;
}

static void check_parameters(sqlite3 *db, struct statement *statement, sqlite3_stmt *prepared)
{
    int n = sqlite3_bind_parameter_count(prepared);
    if (n != statement->n_parameters)
        complain(statement->path, 1, "the statement has %d parameters, \"-- takes\" names %d", n,
                 statement->n_parameters);
    for (int p = 0; p < statement->n_parameters; p++)
        if (!statement->parameters[p].type && !type_by_name(db, statement, &statement->parameters[p]))
            complain(statement->path, 1, "what type is %s?  Say it: \"-- takes %s INTEGER\"",
                     statement->parameters[p].name, statement->parameters[p].name);
}

static void read_statement(sqlite3 *db, const char *path)
{
    struct statement *statement = &statements[n_statements++];
    struct named stated[MOST_VALUES];
    int n_stated = 0;
    sqlite3_stmt *prepared = NULL;
    const char *tail, *name = strrchr(path, '/') + 1;
    char *text = read_file(path);
    statement->path = path;
    snprintf(statement->name, sizeof statement->name, "%.*s", (int)(strlen(name) - 4), name);
    read_head(statement, text, stated, &n_stated);
    if (sqlite3_prepare_v2(db, statement->sql, -1, &prepared, &tail) != SQLITE_OK) {
        int offset = sqlite3_error_offset(db);
        complain(path, line_at(text, statement->sql - text + (offset > 0 ? offset : 0)), "%s", sqlite3_errmsg(db));
        return;
    }
    while (isspace((unsigned char)*tail)) tail++;
    if (!prepared || *tail) complain(path, line_at(text, tail - text), "expected one statement");
    check_parameters(db, statement, prepared);
    statement->n_columns = sqlite3_column_count(prepared);
    if (statement->n_columns > MOST_VALUES) statement->n_columns = 0, complain(path, 1, "too many columns");
    if (statement->n_columns > 0 && !sqlite3_stmt_readonly(prepared)) statement->is_one = true;     /* RETURNING */
    for (int c = 0; c < statement->n_columns; c++) {
        type_column(db, statement, prepared, c, stated, n_stated);
        if (statement->is_one && (statement->columns[c].type > REAL || statement->columns[c].may_be_null))
            complain(path, 1, "column %s of a single row is to be a number", statement->columns[c].name);
    }
    sqlite3_finalize(prepared);
}

static void read_statements(sqlite3 *db)
{
    static glob_t files;        /* statements keep the paths */
    if (glob("src/store/sql/*.sql", 0, NULL, &files) != 0) { complain("src/store/sql", 1, "no files"); return; }
    if (files.gl_pathc > MOST_STATEMENTS) { complain("src/store/sql", 1, "too many files"); return; }
    for (size_t i = 0; i < files.gl_pathc; i++) read_statement(db, files.gl_pathv[i]);
}

static const struct statement *statement_named(const char *name)
{
    for (int s = 0; s < n_statements; s++)
        if (strcmp(statements[s].name, name) == 0) return &statements[s];
    return NULL;
}

/* A statement that gives another's rows has that one's columns. */
static void check_rows(void)
{
    for (int s = 0; s < n_statements; s++) {
        const struct statement *statement = &statements[s], *other = statement_named(statement->rows_of);
        if (!*statement->rows_of) continue;
        bool is_same = other && !*other->rows_of && !other->is_one && other->n_columns == statement->n_columns;
        for (int c = 0; is_same && c < statement->n_columns; c++)
            is_same = strcmp(statement->columns[c].name, other->columns[c].name) == 0 &&
                      statement->columns[c].type == other->columns[c].type &&
                      statement->columns[c].may_be_null == other->columns[c].may_be_null;
        if (!is_same) complain(statement->path, 1, "these are not the columns of '%s'", statement->rows_of);
    }
}

static void check_exports(void)
{
    for (int t = 0; t < n_tables; t++) {
        const struct person_table *table = &tables[t];
        if (strcmp(table->export[1], "as") != 0) continue;
        const struct statement *statement = statement_named(table->export[0]);
        if (!statement || statement->n_parameters != 1 || statement->parameters[0].type != INTEGER ||
            statement->is_one)
            complain("src/store/migration", 1, "table %s: there is no query '%s' that takes an identity",
                     table->table, table->export[0]);
    }
}

/* ---- C ---- */

static const char *type_in_c(const struct named *named)
{
    if (named->may_be_null) return "struct value ";
    return named->type == INTEGER ? "int64_t " : named->type == REAL ? "double " : "struct text ";
}

static const char *word_in_c(const struct named *named)
{
    if (named->may_be_null) return "column";
    return named->type == INTEGER ? "int" : named->type == REAL ? "real" : "bytes";
}

static bool has_rows(const struct statement *statement) { return statement->n_columns > 0 && !statement->is_one; }
static bool has_own_rows(const struct statement *statement) { return has_rows(statement) && !*statement->rows_of; }
static const char *row_name(const struct statement *statement)
{
    return *statement->rows_of ? statement->rows_of : statement->name;
}

static void write_signature(FILE *out, const struct statement *statement)
{
    fprintf(out, "bool sql_%s(struct store *store", statement->name);
    for (int p = 0; p < statement->n_parameters; p++)
        fprintf(out, ", %s%s", type_in_c(&statement->parameters[p]), statement->parameters[p].name);
    for (int c = 0; c < statement->n_columns && statement->is_one; c++)
        fprintf(out, ", %s*ret_%s", type_in_c(&statement->columns[c]), statement->columns[c].name);
    if (has_rows(statement)) fprintf(out, ", struct sql_%s *ret_row", row_name(statement));
    fprintf(out, ", struct err *err)");
}

static void write_header(FILE *out)
{
    fprintf(out,
            "/* sql.h - the statements of src/store/sql as functions, written by tools/statements.c when the "
            "program is\n"
            " * built.  Rows are read so:\n"
            " *     if (!sql_x(store, ..., &row, err)) return false;\n"
            " *     while ((step = sql_x_step(&row, err)) == STEP_ROW) ... row.name ...\n"
            " *     cursor_close(row.cursor);\n"
            " * Texts and bytes of a row hold until the next step, and a text ends with a NUL.  Errors: those of\n"
            " * statement.h. */\n"
            "#ifndef STORE_SQL_H\n#define STORE_SQL_H\n\n#include \"store/statement.h\"\n");
    for (int s = 0; s < n_statements; s++)
        if (has_own_rows(&statements[s])) fprintf(out, "%sstruct sql_%s;\n", s ? "" : "\n", statements[s].name);
    for (int s = 0; s < n_statements; s++) {
        const struct statement *statement = &statements[s];
        fprintf(out, "\n/* %s */\n", statement->comment);
        if (has_own_rows(statement)) {
            fprintf(out, "struct sql_%s {\n    struct cursor *cursor;\n", statement->name);
            for (int c = 0; c < statement->n_columns; c++)
                fprintf(out, "    %s%s;\n", type_in_c(&statement->columns[c]), statement->columns[c].name);
            fprintf(out, "};\nenum step sql_%s_step(struct sql_%s *row, struct err *err) MUST_CHECK;\n",
                    statement->name, statement->name);
        }
        write_signature(out, statement);
        fprintf(out, " MUST_CHECK;\n");
    }
    fprintf(out, "\n#endif\n");
}

static void write_text(FILE *out, const char *text)
{
    fprintf(out, "\"");
    for (; *text; text++)
        if (*text == '\n') fprintf(out, text[1] ? "\\n\"\n    \"" : "\\n");
        else fprintf(out, strchr("\"\\", *text) ? "\\%c" : "%c", *text);
    fprintf(out, "\"");
}

static void write_args(FILE *out, const struct statement *statement)
{
    for (int p = 0; p < statement->n_parameters; p++) {
        const struct named *named = &statement->parameters[p];
        const char *as = named->may_be_null       ? ""
                         : named->type == INTEGER ? "value_int"
                         : named->type == REAL    ? "value_real"
                         : named->type == TEXT    ? "value_of_text"
                                                  : "value_of_bytes";
        fprintf(out, "%s%s%s(%s)", p ? ", " : "    const struct value args[] = { ", as, "", named->name);
    }
    if (statement->n_parameters) fprintf(out, " };\n");
}

static void write_body(FILE *out, const struct statement *statement)
{
    const char *args = statement->n_parameters ? "args" : "NULL", *name = statement->name;
    fprintf(out, "\n");
    write_signature(out, statement);
    fprintf(out, "\n{\n");
    write_args(out, statement);
    if (has_rows(statement)) {
        fprintf(out, "    return statement_query(store, &statement_%s, %s, &ret_row->cursor, err);\n}\n", name,
                args);
        if (!has_own_rows(statement)) return;
        fprintf(out,
                "\nenum step sql_%s_step(struct sql_%s *row, struct err *err)\n{\n"
                "    enum step step = cursor_step(row->cursor, err);\n    if (step != STEP_ROW) return step;\n",
                name, name);
        for (int c = 0; c < statement->n_columns; c++)
            fprintf(out, "    row->%s = cursor_%s(row->cursor, %d);\n", statement->columns[c].name,
                    word_in_c(&statement->columns[c]), c);
        fprintf(out, "    return step;\n}\n");
    } else if (statement->is_one) {
        fprintf(out,
                "    struct value row[%d];\n    if (!statement_one(store, &statement_%s, %s, row, err)) return "
                "false;\n",
                statement->n_columns, name, args);
        for (int c = 0; c < statement->n_columns; c++)
            fprintf(out, "    *ret_%s = value_as_%s(row[%d]);\n", statement->columns[c].name,
                    statement->columns[c].type == INTEGER ? "int" : "real", c);
        fprintf(out, "    return true;\n}\n");
    } else {
        fprintf(out, "    return statement_run(store, &statement_%s, %s, err);\n}\n", name, args);
    }
}

static void write_statement(FILE *out, const char *name, const char *sql, int n_parameters,
                            const struct named *columns, int n_columns)
{
    if (n_columns) fprintf(out, "static const char *const columns_%s[] = { ", name);
    for (int c = 0; c < n_columns; c++)
        fprintf(out, "\"%s\"%s", columns[c].name, c + 1 < n_columns ? ", " : " };\n");
    fprintf(out, "static const struct statement statement_%s = { \"%s\", ", name, name);
    write_text(out, sql);
    fprintf(out, ", %d, %d, ", n_parameters, n_columns);
    fprintf(out, n_columns ? "columns_%s };\n" : "NULL };\n", name);
}

static void write_person_tables(FILE *out)
{
    char name[2 * NAME_ROOM], sql[256];
    fprintf(out, "\n");
    for (int t = 0; t < n_tables; t++) {
        if (!*tables[t].table || strcmp(tables[t].erase[0], "by") != 0) continue;
        snprintf(name, sizeof name, "%.63s_erase", tables[t].table);
        snprintf(sql, sizeof sql, "DELETE FROM %.63s WHERE %.63s = ?1;", tables[t].table, tables[t].erase[1]);
        write_statement(out, name, sql, 1, NULL, 0);
    }
    fprintf(out, "\nconst struct person_table person_tables[] = {\n");
    for (int t = 0; t < n_tables; t++) {
        const struct person_table *table = &tables[t];
        if (!*table->table) continue;
        fprintf(out, "    { .table = \"%s\"", table->table);
        if (strcmp(table->erase[0], "by") == 0) fprintf(out, ", .erase = &statement_%s_erase", table->table);
        if (strcmp(table->export[1], "as") == 0)
            fprintf(out, ", .export = &statement_%s, .key = \"%s\"", table->export[0], table->export[2]);
        fprintf(out, " },\n");
    }
    fprintf(out, "};\nconst size_t n_person_tables = sizeof person_tables / sizeof *person_tables;\n");
}

static void write_source(FILE *out)
{
    fprintf(out, "/* sql.c - see sql.h. */\n#include \"store/sql.h\"\n\n");
    for (int s = 0; s < n_statements; s++)
        write_statement(out, statements[s].name, statements[s].sql, statements[s].n_parameters,
                        statements[s].columns, statements[s].n_columns);
    for (int s = 0; s < n_statements; s++) write_body(out, &statements[s]);
    write_person_tables(out);
}

static void write_file(const char *folder, const char *name, void (*write)(FILE *out))
{
    char path[PATH_ROOM];
    snprintf(path, sizeof path, "%s/store/%s", folder, name);
    FILE *out = fopen(path, "w");
    if (!out) { perror(path); exit(1); }
    write(out);
    if (fclose(out) != 0) { perror(path); exit(1); }
}

int main(int argc, char **argv)
{
    sqlite3 *db;
    if (argc != 2) { fprintf(stderr, "usage: statements FOLDER\n"); return 2; }
    if (sqlite3_open(":memory:", &db) != SQLITE_OK) { fprintf(stderr, "%s\n", sqlite3_errmsg(db)); return 1; }
    run_migrations(db);
    check_tables(db);
    read_statements(db);
    check_rows();
    check_exports();
    sqlite3_close(db);
    if (has_failed) return 1;
    write_file(argv[1], "sql.h.new", write_header);
    write_file(argv[1], "sql.c", write_source);
    return 0;
}
