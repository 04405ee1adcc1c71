/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <linux/filter.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int outcome(int result) {
    return result < 0 ? -errno : result;
}

int clinux_signal_descriptor(const sigset_t *mask) {
    return outcome(signalfd(-1, mask, SFD_CLOEXEC | SFD_NONBLOCK));
}

int clinux_read_signal(int descriptor) {
    struct signalfd_siginfo information;
    ssize_t size = read(descriptor, &information, sizeof information);
    if (size == sizeof information) return (int)information.ssi_signo;
    if (size < 0 && errno != EAGAIN && errno != EINTR) return -errno;
    return 0;
}

int clinux_socket_pair(int descriptors[2]) {
    return outcome(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, descriptors));
}

int clinux_accept(int listener) {
    return outcome(accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK));
}

int clinux_refuse_connections(int listener) {
    /* The packet starts at the TCP header; its flags are byte 13: SYN is 0x02, ACK 0x10 (RFC 9293, 3.1). Accepted
     * sockets inherit the filter, so it must let all but a plain SYN pass. */
    struct sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 13),
        BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0x12),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x02, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, 0),
        BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
    };
    struct sock_fprog filter = {.len = sizeof program / sizeof program[0], .filter = program};
    return outcome(setsockopt(listener, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter));
}

int clinux_spawn_close_from(posix_spawn_file_actions_t *actions, int first) {
    return -posix_spawn_file_actions_addclosefrom_np(actions, first);
}

char **clinux_environment(void) {
    return environ;
}

int clinux_set_thread_name(const char *name) {
    return outcome(prctl(PR_SET_NAME, name));
}

int64_t clinux_descriptor_limit(pid_t process) {
    struct rlimit limit;
    if (prlimit(process, RLIMIT_NOFILE, NULL, &limit) != 0) return -1;
    return limit.rlim_cur > INT64_MAX ? INT64_MAX : (int64_t)limit.rlim_cur;
}

bool clinux_has_exited(int status) {
    return WIFEXITED(status);
}

int clinux_exit_code(int status) {
    return WEXITSTATUS(status);
}

int clinux_termination_signal(int status) {
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

int clinux_memory_file(const char *name) {
    return outcome(memfd_create(name, MFD_CLOEXEC));
}
