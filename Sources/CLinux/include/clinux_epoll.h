/* SPDX-License-Identifier: Apache-2.0 */
/*
 * epoll(7) and eventfd(2), which Swift's Glibc module leaves out. A function answers 0 or more for success and a negated
 * errno for failure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* A descriptor that became ready. An error or a hang-up counts as readable: the next read tells. */
struct clinux_epoll_event {
    uint64_t token;
    bool readable;
    bool writable;
};

/* Makes an epoll descriptor (close-on-exec). */
int clinux_epoll_create(void);

/* Watches `descriptor`, level-triggered, for reading, writing or both; changes the watch if there is one already. */
int clinux_epoll_watch(int epoll, int descriptor, bool reading, bool writing, uint64_t token);

/*
 * Waits until a descriptor is ready or `milliseconds` have passed (-1: for ever), and answers how many events it wrote.
 * A signal ends the wait with 0 events. At most 64 events are written.
 */
int clinux_epoll_wait(int epoll, struct clinux_epoll_event *events, int capacity, int milliseconds);

/* Makes an eventfd counter of 0 (close-on-exec, non-blocking). */
int clinux_eventfd_create(void);

/* Adds 1 to an eventfd counter: who waits for it to be readable wakes up. */
int clinux_eventfd_signal(int descriptor);

/* Sets an eventfd counter to 0. */
int clinux_eventfd_clear(int descriptor);
