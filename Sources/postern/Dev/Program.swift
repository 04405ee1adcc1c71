// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Glibc

/// A program and its arguments, to be started by `posix_spawn(3)`.
struct Program {
    /// The program's path, or its name to be found in `PATH`, and its arguments.
    var arguments: [String]
    /// The user it runs as, which only root can choose; nil for our own.
    var account: Account?
    /// Its environment; nil for what every program needs and nothing else of ours, which may hold secrets.
    var environment: [String: String]?
    /// The file that its output is added to, when it is not inherited; nil for none.
    var log: String?
    /// Whether it writes where this process writes.
    var inheritsOutput = false

    /// Starts the program as the leader of a process group of its own, so that Ctrl-C in the terminal does not reach it.
    func spawn(standardInput: Int32? = nil) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let standardInput {
            posix_spawn_file_actions_adddup2(&actions, standardInput, STDIN_FILENO)
        } else {
            posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        }
        if !inheritsOutput {
            let append = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW
            posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log ?? "/dev/null", append, 0o600)
            posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Whoever waits for signals with signalfd(2) has them blocked, and a child inherits that.
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        posix_spawnattr_setflags(&attributes, Int16(flags))

        let command = (account?.prefix ?? []) + arguments
        var process: pid_t = 0
        let code = withCStrings(command) { words in
            withCStrings(environment.map { $0.map { "\($0)=\($1)" } } ?? Self.ownEnvironment) { environment in
                posix_spawnp(&process, command[0], &actions, &attributes, words, environment)
            }
        }
        guard code == 0 else {
            throw DevError("cannot start \(command[0]): \(SystemCallError("posix_spawn", code: code).reason)")
        }
        return process
    }

    /// Runs the program to its end; true when it exits with status 0.
    func run() throws -> Bool {
        let process = try spawn()
        var status: Int32 = 0
        while waitpid(process, &status, 0) == -1 {
            guard errno == EINTR else { throw SystemCallError("waitpid", code: errno) }
        }
        return status == 0
    }

    private static var ownEnvironment: [String] {
        let names = ["PATH", "HOME", "LANG", "LC_ALL", "TZ"]
        return names.compactMap { name in getenv(name).map { "\(name)=\(String(cString: $0))" } }
    }

    private func withCStrings<Result>(
        _ strings: [String],
        _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        let pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) }
        defer { for pointer in pointers { free(pointer) } }
        return body(pointers + [nil])
    }
}
