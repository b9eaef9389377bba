/* Tries the inputs whose files are listed in a file, one a line; for every compiler: inputs_test LIST. */
#include <stdio.h>
#include <string.h>

#include "fuzz.h"

int main(int count, char **arguments) {
    static char name[4096];
    static uint8_t data[4096];
    LLVMFuzzerInitialize(&count, &arguments);
    FILE *list = count == 2 ? fopen(arguments[1], "r") : NULL;
    if (!list) {
        fprintf(stderr, "usage: inputs_test LIST\n");
        return 2;
    }
    int tried = 0;
    while (fgets(name, sizeof name, list)) {
        name[strcspn(name, "\r\n")] = 0;
        FILE *file = fopen(name, "rb");
        if (!file) {
            fprintf(stderr, "%s cannot be read\n", name);
            return 2;
        }
        const size_t size = fread(data, 1, sizeof data, file);
        fclose(file);
        fprintf(stderr, "%s\n", name); /* the last name is that of the input which ended the program */
        LLVMFuzzerTestOneInput(data, size);
        tried++;
    }
    fclose(list);
    printf("%d inputs\n", tried);
    return tried == 0;
}
