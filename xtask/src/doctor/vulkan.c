/* Prints "type<TAB>API version<TAB>name" for each device that the Vulkan loader finds. Loads the
 * loader by name and declares what it needs itself, so that neither headers nor a library to link
 * against must be installed. */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>

typedef struct {
    int32_t type;
    const void *next;
    uint32_t flags;
    const void *application;
    uint32_t layer_count;
    const char *const *layers;
    uint32_t extension_count;
    const char *const *extensions;
} InstanceCreateInfo;

/* The head of VkPhysicalDeviceProperties; the room holds its limits, which nobody asks for. */
typedef union {
    struct {
        uint32_t api, driver, vendor, device, type;
        char name[256];
    } head;
    uint64_t room[512];
} Properties;

enum { INSTANCE_CREATE_INFO = 1, MOST = 16 };

typedef int32_t (*CreateInstance)(const InstanceCreateInfo *, const void *, void **);
typedef int32_t (*Enumerate)(void *, uint32_t *, void **);
typedef void (*GetProperties)(void *, Properties *);

static void show(GetProperties get, void *device) {
    Properties of = {0};
    get(device, &of);
    printf("%u\t%u.%u\t%s\n", of.head.type, of.head.api >> 22, (of.head.api >> 12) & 0x3ff,
           of.head.name);
}

int main(void) {
    void *library = dlopen("libvulkan.so.1", RTLD_NOW);
    if (!library) {
        fprintf(stderr, "%s\n", dlerror());
        return 2;
    }
    CreateInstance create;
    Enumerate enumerate;
    GetProperties get;
    *(void **)&create = dlsym(library, "vkCreateInstance");
    *(void **)&enumerate = dlsym(library, "vkEnumeratePhysicalDevices");
    *(void **)&get = dlsym(library, "vkGetPhysicalDeviceProperties");
    if (!create || !enumerate || !get) {
        fprintf(stderr, "libvulkan.so.1 lacks functions of Vulkan 1.0\n");
        return 1;
    }
    InstanceCreateInfo info = {.type = INSTANCE_CREATE_INFO};
    void *instance = NULL, *devices[MOST];
    uint32_t count = MOST;
    int32_t result = create(&info, NULL, &instance);
    if (result == 0)
        result = enumerate(instance, &count, devices);
    if (result < 0) {
        fprintf(stderr, "Vulkan answers with error %d\n", result);
        return 1;
    }
    for (uint32_t i = 0; i < count; i++)
        show(get, devices[i]);
    return 0;
}
