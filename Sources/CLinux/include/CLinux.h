/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The little that Swift's Glibc module cannot import. Unless said otherwise a function answers 0 or more for success
 * and a negated errno for failure.
 */
#pragma once

#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "clinux_epoll.h"
#include "clinux_tasks.h"

/* Makes a descriptor that reads the signals of `mask`, which the caller has blocked (close-on-exec, non-blocking). */
int clinux_signal_descriptor(const sigset_t *mask);

/* Takes the next signal number from a signal descriptor; 0 when none is waiting. */
int clinux_read_signal(int descriptor);

/* Makes a pair of connected sockets that keep message boundaries (SOCK_SEQPACKET, close-on-exec, blocking). */
int clinux_socket_pair(int descriptors[2]);

/* Takes a connection from a listener: its descriptor is close-on-exec and non-blocking. Waits as the listener does. */
int clinux_accept(int listener);

/*
 * Makes a TCP listener, in all processes that share it, drop every further SYN, while handshakes under way may end: what
 * is queued can be served to the last connection, and a client that comes now tries again and finds the port closed.
 */
int clinux_refuse_connections(int listener);

/* Makes the spawned process close every descriptor from `first` on. */
int clinux_spawn_close_from(posix_spawn_file_actions_t *actions, int first);

/* The environment of this process: strings `NAME=value`, ended by a null pointer. */
char **clinux_environment(void);

/* Sets the name of the calling thread, that of the main thread being the name of the process (15 bytes are kept). */
int clinux_set_thread_name(const char *name);

/* How many descriptors a process may have open; -1 when it is gone or another user's. */
int64_t clinux_descriptor_limit(pid_t process);

/* Whether a wait status is that of a process that ended by itself; its exit code is then the next function's answer. */
bool clinux_has_exited(int status);
int clinux_exit_code(int status);

/* The signal that ended a process; 0 when it ended by itself. */
int clinux_termination_signal(int status);

/* Makes a file that is in memory only and has no path (close-on-exec). */
int clinux_memory_file(const char *name);
