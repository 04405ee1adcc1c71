/* SPDX-License-Identifier: Apache-2.0 */
#include "clinux_epoll.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

static int outcome(int result) {
    return result < 0 ? -errno : result;
}

int clinux_epoll_create(void) {
    return outcome(epoll_create1(EPOLL_CLOEXEC));
}

int clinux_epoll_watch(int epoll, int descriptor, bool reading, bool writing, uint64_t token) {
    struct epoll_event event = {
        .events = (reading ? EPOLLIN : 0) | (writing ? EPOLLOUT : 0),
        .data.u64 = token,
    };
    if (epoll_ctl(epoll, EPOLL_CTL_MOD, descriptor, &event) == 0) return 0;
    if (errno != ENOENT) return -errno;
    return outcome(epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event));
}

int clinux_epoll_wait(int epoll, struct clinux_epoll_event *events, int capacity, int milliseconds) {
    struct epoll_event ready[64];
    int count = epoll_wait(epoll, ready, capacity < 64 ? capacity : 64, milliseconds);
    if (count < 0) return errno == EINTR ? 0 : -errno;
    for (int i = 0; i < count; i++) {
        events[i].token = ready[i].data.u64;
        events[i].readable = ready[i].events & (EPOLLIN | EPOLLERR | EPOLLHUP);
        events[i].writable = ready[i].events & EPOLLOUT;
    }
    return count;
}

int clinux_eventfd_create(void) {
    return outcome(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
}

int clinux_eventfd_signal(int descriptor) {
    uint64_t one = 1;
    return outcome(write(descriptor, &one, sizeof one));
}

int clinux_eventfd_clear(int descriptor) {
    uint64_t count;
    return outcome(read(descriptor, &count, sizeof count));
}
