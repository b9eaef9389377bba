/* Tries inputs, by every compiler's build: inputs_test FILE... An input is a file; in one whose name ends by .txt, a line of
 * hexadecimal digits. With SINEW_FUZZ_OP, those that begin by a call of that target; with --to FOLDER, they are written there
 * as files, for libFuzzer, instead of being tried. */
#include <stdio.h>
#include <string.h>

#include "fuzz.h"

enum { MOST = 4096 };
static const char *folder;
static int count;

static int one(const uint8_t *data, size_t size) {
    if (fuzz_chosen && (size <= FUZZ_HEADER_CODES || data[FUZZ_HEADER_CODES] != fuzz_chosen->code)) return 0;
    count++;
    if (!folder) {
        LLVMFuzzerTestOneInput(data, size);
        return 0;
    }
    char name[MOST];
    snprintf(name, sizeof name, "%s/%05d", folder, count);
    FILE *file = fopen(name, "wb");
    const int written = file && fwrite(data, 1, size, file) == size;
    if (!file || fclose(file) || !written) {
        fprintf(stderr, "%s cannot be written\n", name);
        return 1;
    }
    return 0;
}

static int digit(int c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; }

static int lines(FILE *file, const char *name) {
    static char line[2 * MOST];
    static uint8_t data[MOST];
    while (fgets(line, sizeof line, file)) {
        const size_t length = strcspn(line, "\r\n");
        for (size_t i = 0; i < length; i += 2) {
            const int high = digit(line[i]), low = digit(line[i + 1]);
            if (high < 0 || low < 0) {
                fprintf(stderr, "%s: \"%s\" is not hexadecimal\n", name, line);
                return 1;
            }
            data[i / 2] = (uint8_t)(high << 4 | low);
        }
        line[length] = 0;
        if (!folder) fprintf(stderr, "%s\n", line); /* the last line is that of the input which ended the program */
        if (one(data, length / 2)) return 1;
    }
    return 0;
}

static int whole(FILE *file, const char *name) {
    static uint8_t data[MOST];
    if (!folder) fprintf(stderr, "%s\n", name);
    return one(data, fread(data, 1, sizeof data, file));
}

int main(int arguments, char **argument) {
    LLVMFuzzerInitialize(&arguments, &argument);
    int first = 1;
    if (arguments > 2 && !strcmp(argument[1], "--to")) folder = argument[2], first = 3;
    for (int i = first; i < arguments; i++) {
        const char *name = argument[i], *dot = strrchr(name, '.');
        FILE *file = fopen(name, "rb");
        if (!file) {
            fprintf(stderr, "%s cannot be read\n", name);
            return 2;
        }
        const int failed = dot && !strcmp(dot, ".txt") ? lines(file, name) : whole(file, name);
        fclose(file);
        if (failed) return 2;
    }
    printf("%d inputs\n", count);
    return first == arguments;
}
