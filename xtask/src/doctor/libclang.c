/* Loads the libclang named by the first argument, prints its version, and lets it parse the header
 * named by the second one, as bindgen would. Declares the few things it needs itself: libclang's
 * headers are not what is being asked about. */
#include <dlfcn.h>
#include <stdio.h>

typedef struct {
    const void *data;
    unsigned flags;
} CXString;

enum { SEVERITY_ERROR = 3 };

static CXString (*get_version)(void);
static const char *(*c_string)(CXString);
static void *(*create_index)(int, int);
static void *(*parse)(void *, const char *, const char *const *, int, void *, unsigned, unsigned);
static unsigned (*count_diagnostics)(void *);
static void *(*diagnostic)(void *, unsigned);
static int (*severity)(void *);
static CXString (*spelling)(void *);

static int load(const char *path) {
    void *library = dlopen(path, RTLD_NOW);
    if (!library) {
        fprintf(stderr, "%s\n", dlerror());
        return 0;
    }
    *(void **)&get_version = dlsym(library, "clang_getClangVersion");
    *(void **)&c_string = dlsym(library, "clang_getCString");
    *(void **)&create_index = dlsym(library, "clang_createIndex");
    *(void **)&parse = dlsym(library, "clang_parseTranslationUnit");
    *(void **)&count_diagnostics = dlsym(library, "clang_getNumDiagnostics");
    *(void **)&diagnostic = dlsym(library, "clang_getDiagnostic");
    *(void **)&severity = dlsym(library, "clang_getDiagnosticSeverity");
    *(void **)&spelling = dlsym(library, "clang_getDiagnosticSpelling");
    if (get_version && c_string && create_index && parse && count_diagnostics && diagnostic
        && severity && spelling)
        return 1;
    fprintf(stderr, "it lacks functions of libclang\n");
    return 0;
}

/* Without clang's own headers (stddef.h and friends) libclang loads and bindgen still fails. */
static int parses(const char *header) {
    void *unit = parse(create_index(0, 0), header, NULL, 0, NULL, 0, 0);
    if (!unit) {
        fprintf(stderr, "it cannot parse anything\n");
        return 0;
    }
    for (unsigned i = 0; i < count_diagnostics(unit); i++) {
        void *found = diagnostic(unit, i);
        if (severity(found) >= SEVERITY_ERROR) {
            fprintf(stderr, "it loads but cannot parse C: %s\n", c_string(spelling(found)));
            return 0;
        }
    }
    return 1;
}

int main(int argc, char **argv) {
    if (argc != 3 || !load(argv[1]))
        return 1;
    printf("%s\n", c_string(get_version()));
    return parses(argv[2]) ? 0 : 1;
}
