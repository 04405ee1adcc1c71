// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Core
import Glibc

extension WorkerProcess {
    /// Starts a worker by `posix_spawn`, with the descriptors of ``InheritedDescriptor`` and no others but 0, 1 and 2.
    ///
    /// It begins with no signal blocked or ignored, and in a process group of its own, so that a Ctrl-C reaches the
    /// supervisor alone.
    /// - Parameters:
    ///   - executable: The program's file.
    ///   - arguments: Its arguments, the name first.
    ///   - environment: Its environment.
    ///   - listener: The listening socket, under a number above those that the worker gets.
    /// - Returns: The running worker.
    /// - Throws: ``SystemCallError``.
    package static func spawn(
        _ executable: String,
        arguments: [String],
        environment: StringVector,
        listener: Int32
    ) throws(SystemCallError) -> WorkerProcess {
        var pair: [Int32] = [-1, -1]
        try check("socketpair", -clinux_socket_pair(&pair))
        let control = pair[0]
        let passedOn: Int32
        do throws(SystemCallError) {
            passedOn = try Descriptor.raise(pair[1])
        } catch {
            close(control)
            throw error
        }
        defer { close(passedOn) }
        do throws(SystemCallError) {
            let descriptors = [
                (listener, InheritedDescriptor.listener), (passedOn, InheritedDescriptor.control),
            ]
            let pid = try spawn(
                executable,
                arguments: StringVector(arguments),
                environment: environment,
                descriptors: descriptors
            )
            return WorkerProcess(pid: pid, control: control)
        } catch {
            close(control)
            throw error
        }
    }

    private static func spawn(
        _ executable: String,
        arguments: StringVector,
        environment: StringVector,
        descriptors: [(source: Int32, target: Int32)]
    ) throws(SystemCallError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        try check("posix_spawn_file_actions_init", posix_spawn_file_actions_init(&actions))
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (source, target) in descriptors {
            let result = posix_spawn_file_actions_adddup2(&actions, source, target)
            try check("posix_spawn_file_actions_adddup2", result)
        }
        let firstClosed = InheritedDescriptor.control + 1
        try check("posix_spawn_file_actions_addclosefrom_np", -clinux_spawn_close_from(&actions, firstClosed))

        var attributes = posix_spawnattr_t()
        try check("posix_spawnattr_init", posix_spawnattr_init(&attributes))
        defer { posix_spawnattr_destroy(&attributes) }
        let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
        try check("posix_spawnattr_setflags", posix_spawnattr_setflags(&attributes, Int16(flags)))
        var signals = sigset_t()
        sigemptyset(&signals)
        try check("posix_spawnattr_setsigmask", posix_spawnattr_setsigmask(&attributes, &signals))
        sigfillset(&signals)
        try check("posix_spawnattr_setsigdefault", posix_spawnattr_setsigdefault(&attributes, &signals))
        try check("posix_spawnattr_setpgroup", posix_spawnattr_setpgroup(&attributes, 0))

        var pid: pid_t = 0
        try check(
            "posix_spawn",
            posix_spawn(&pid, executable, &actions, &attributes, arguments.pointers, environment.pointers)
        )
        return pid
    }

    /// The functions of the posix_spawn family answer an error number instead of setting `errno`.
    private static func check(_ call: String, _ result: Int32) throws(SystemCallError) {
        guard result > 0 else { return }
        throw SystemCallError(call, code: result)
    }
}
