// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Glibc

/// A program that runs beside `postern dev` and never outlives it.
///
/// Between the two stands a shell that reads from a socket whose other end only this process has. However this process
/// ends, even by `kill -9`, the shell then reads the end of it and stops the program.
final class Companion {
    /// Runs the program `$@` and sends it the signal `$0` when the socket ends.
    ///
    /// A command in the background has no standard input, therefore the socket moves to descriptor 3 first.
    private static let shell = """
        exec 3<&0
        "$@" 3<&- &
        program=$!
        { read -r _ <&3; kill -s "$0" "$program"; } &
        watch=$!
        wait "$program"
        status=$?
        kill "$watch" 2>/dev/null
        exit "$status"
        """

    private let process: pid_t
    private var lifeline: Int32
    private var hasEnded = false

    /// Starts `program`, which the signal named `stopSignal` (`INT`, `TERM`) asks to stop.
    init(_ program: Program, stopSignal: String) throws {
        var ends: [Int32] = [-1, -1]
        // No other child may hold our end open, therefore close-on-exec from the start, which pipe(2) cannot do.
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &ends) == 0 else { throw SystemCallError("socketpair", code: errno) }
        var wrapped = program
        let command = (program.account?.prefix ?? []) + program.arguments
        wrapped.arguments = ["/bin/sh", "-c", Self.shell, stopSignal] + command
        // The shell stays root: it must be allowed to signal the program, and the program not to signal it.
        wrapped.account = nil
        defer { close(ends[0]) }
        do {
            self.process = try wrapped.spawn(standardInput: ends[0])
        } catch {
            close(ends[1])
            throw error
        }
        self.lifeline = ends[1]
    }

    deinit {
        stop(within: .seconds(1))
    }

    /// Whether the program still runs.
    var isRunning: Bool {
        if !hasEnded {
            let answer = waitpid(process, nil, WNOHANG)
            hasEnded = answer == process || answer == -1 && errno == ECHILD
        }
        return !hasEnded
    }

    /// Asks the program to stop, waits for it, and kills it when it takes longer than `limit`.
    ///
    /// Doing it twice is harmless.
    func stop(within limit: Duration) {
        guard lifeline >= 0 else { return }
        close(lifeline)
        lifeline = -1
        if !waitUntil(limit, { !isRunning }) {
            kill(-process, SIGKILL)
            _ = waitUntil(.seconds(5)) { !isRunning }
        }
    }
}
