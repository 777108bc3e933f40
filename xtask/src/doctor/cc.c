/* The least that shows that a compiler, a linker and a C library are there. */
#include <stdio.h>

int main(void) {
    puts("hello");
    return 0;
}
