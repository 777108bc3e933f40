//! Names of functions that the C library has.

/// What Rust's standard library calls on Linux, and the functions of C11 that GCC knows by name.
const FUNCTIONS: &str = "\
    abort abs accept4 acos acosf acosh acoshf acoshl acosl aligned_alloc asin asinf asinh \
    asinhf asinhl asinl atan atan2 atan2f atan2l atanf atanh atanhf atanhl atanl bcmp bind \
    cabs cabsf cabsl cacos cacosf cacosh cacoshf cacoshl cacosl calloc carg cargf cargl casin \
    casinf casinh casinhf casinhl casinl catan catanf catanh catanhf catanhl catanl cbrt cbrtf \
    cbrtl ccos ccosf ccosh ccoshf ccoshl ccosl ceil ceilf ceill cexp cexpf cexpl chdir chmod \
    chown chroot cimag cimagf cimagl clock_gettime clock_nanosleep clog clogf clogl close \
    closedir conj conjf conjl connect copy_file_range copysign copysignf copysignl cos cosf \
    cosh coshf coshl cosl cpow cpowf cpowl cproj cprojf cprojl creal crealf creall csin csinf \
    csinh csinhf csinhl csinl csqrt csqrtf csqrtl ctan ctanf ctanh ctanhf ctanhl ctanl dirfd \
    dl_iterate_phdr dlsym dup dup2 environ erf erfc erfcf erfcl erff erfl execvp exit exp exp2 \
    exp2f exp2l expf expl expm1 expm1f expm1l fabs fabsf fabsl fchmod fchown fcntl fdatasync \
    fdim fdimf fdiml fdopendir feclearexcept fegetenv fegetexceptflag fegetround feholdexcept \
    feraiseexcept fesetenv fesetexceptflag fesetround fetestexcept feupdateenv flock floor \
    floorf floorl fma fmaf fmal fmax fmaxf fmaxl fmin fminf fminl fmod fmodf fmodl fork \
    fprintf fputc fputs free freeaddrinfo frexp frexpf frexpl fscanf fsync ftruncate64 \
    futimens fwrite gai_strerror getaddrinfo getauxval getcwd getenv gethostname getpeername \
    getpid getppid getpwuid_r getrandom getsockname getsockopt gettid getuid \
    gnu_get_libc_version hypot hypotf hypotl ilogb ilogbf ilogbl imaxabs ioctl isalnum isalpha \
    isblank iscntrl isdigit isgraph islower isprint ispunct isspace isupper iswalnum iswalpha \
    iswblank iswcntrl iswdigit iswgraph iswlower iswprint iswpunct iswspace iswupper iswxdigit \
    isxdigit kill labs lchown ldexp ldexpf ldexpl lgamma lgammaf lgammal linkat listen llabs \
    llrint llrintf llrintl llround llroundf llroundl log log10 log10f log10l log1p log1pf \
    log1pl log2 log2f log2l logb logbf logbl logf logl lrint lrintf lrintl lround lroundf \
    lroundl lseek64 malloc memchr memcmp memcpy memmove memset mkdir mkfifo mmap64 modf modff \
    modfl mprotect munmap nan nanf nanl nearbyint nearbyintf nearbyintl nextafter nextafterf \
    nextafterl nexttoward nexttowardf nexttowardl open64 openat64 opendir pause pidfd_getpid \
    pidfd_spawnp pipe2 poll posix_memalign posix_spawn_file_actions_addchdir \
    posix_spawn_file_actions_addchdir_np posix_spawn_file_actions_adddup2 \
    posix_spawn_file_actions_destroy posix_spawn_file_actions_init posix_spawnattr_destroy \
    posix_spawnattr_init posix_spawnattr_setflags posix_spawnattr_setpgroup \
    posix_spawnattr_setsigdefault posix_spawnp pow powf powl pread64 preadv printf \
    pthread_attr_destroy pthread_attr_getguardsize pthread_attr_getstack pthread_attr_init \
    pthread_attr_setstacksize pthread_create pthread_detach pthread_getattr_np pthread_join \
    pthread_key_create pthread_key_delete pthread_self pthread_setname_np pthread_setspecific \
    putc putchar puts pwrite64 pwritev read readdir64 readlink readv realloc realpath recv \
    recvfrom recvmsg remainder remainderf remainderl remquo remquof remquol rename rint rintf \
    rintl rmdir round roundf roundl scalbln scalblnf scalblnl scalbn scalbnf scalbnl scanf \
    sched_getaffinity sched_yield send sendfile64 sendmsg sendto setenv setgid setgroups \
    setpgid setsid setsockopt setuid shutdown sigaction sigaddset sigaltstack sigemptyset \
    signal sin sinf sinh sinhf sinhl sinl snprintf socket socketpair splice sprintf sqrt sqrtf \
    sqrtl sscanf statx strcat strchr strcmp strcpy strcspn strftime strlen strncat strncmp \
    strncpy strnlen strpbrk strrchr strspn strstr symlink syscall sysconf tan tanf tanh tanhf \
    tanhl tanl tgamma tgammaf tgammal tolower toupper towlower towupper trunc truncf truncl \
    unlink unlinkat unsetenv utimensat vfprintf vfscanf vprintf vscanf vsnprintf vsprintf \
    vsscanf waitid waitpid write writev";

/// Why no exported function can have this name. In a program that is linked to the library, all calls of
/// the C library's function would come to ours, those of Rust's standard library too.
pub(crate) fn check(name: &str) -> Result<(), String> {
    match FUNCTIONS.split(' ').any(|function| function == name) {
        true => Err(format!(
            "`{name}` is a function of the C library: give it another name in C, as in `name = \"my_{name}\"`"
        )),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn functions_of_c_are_known() {
        for name in ["abort", "write", "writev", "exp", "malloc"] {
            assert!(check(name).unwrap_err().contains("of the C library"), "{name}");
        }
        assert_eq!((check("axpy"), check("")), (Ok(()), Ok(())));
    }
}
