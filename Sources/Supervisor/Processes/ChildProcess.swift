// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Core
import Glibc

/// Starting another program.
enum ChildProcess {
    /// Starts a program by `posix_spawn`.
    ///
    /// It begins with no signal blocked or ignored, and in a process group of its own, so that a Ctrl-C reaches the
    /// supervisor alone.
    /// - Parameters:
    ///   - executable: The program's file.
    ///   - arguments: Its arguments, the name first.
    ///   - environment: Its environment.
    ///   - descriptors: What it gets under which number; the sources have higher numbers than the targets.
    ///   - firstClosed: From which number on nothing is inherited.
    /// - Returns: The process id.
    /// - Throws: ``SystemCallError``.
    static func spawn(
        _ executable: String,
        arguments: [String],
        environment: StringVector,
        descriptors: [(source: Int32, target: Int32)],
        firstClosed: Int32
    ) throws(SystemCallError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        try check("posix_spawn_file_actions_init", posix_spawn_file_actions_init(&actions))
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (source, target) in descriptors {
            let result = posix_spawn_file_actions_adddup2(&actions, source, target)
            try check("posix_spawn_file_actions_adddup2", result)
        }
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
        let arguments = StringVector(arguments)
        try check(
            "posix_spawn",
            posix_spawn(&pid, executable, &actions, &attributes, arguments.pointers, environment.pointers)
        )
        return pid
    }

    /// The functions of the posix_spawn family answer an error number instead of setting `errno`.
    static func check(_ call: String, _ result: Int32) throws(SystemCallError) {
        guard result > 0 else { return }
        throw SystemCallError(call, code: result)
    }
}
