// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Glibc
import Supervisor
import Testing

/// One after another: between `fork` and `exec`, a child holds what another thread has just opened.
@Suite(.serialized) struct WorkerProcessTests {
    /// Runs a shell script as a worker to its end.
    private func run(
        _ script: String,
        environment: [String: String]? = nil,
        withAdminListener: Bool = false
    ) throws -> (WorkerProcess, Termination?) {
        let listener = try ListeningSocket(.tcp(host: "127.0.0.1", port: 0))
        defer { listener.close() }
        let zero = open("/dev/zero", O_RDWR | O_CLOEXEC)
        let memory = fcntl(zero, F_DUPFD_CLOEXEC, 100)
        defer {
            close(zero)
            close(memory)
        }
        let descriptors = WorkerDescriptors(
            listener: listener.descriptor,
            sharedMemory: memory,
            adminListener: withAdminListener ? listener.descriptor : nil
        )
        // What a supervisor has blocked and ignored.
        var mask = sigset_t()
        var before = sigset_t()
        sigaddset(&mask, SIGTERM)
        pthread_sigmask(SIG_BLOCK, &mask, &before)
        signal(SIGPIPE, SIG_IGN)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        let worker = try WorkerProcess.spawn(
            "/bin/sh",
            arguments: ["sh", "-c", script],
            environment: WorkerEnvironment.make(environment),
            descriptors: descriptors
        )
        var status: Int32 = 0
        #expect(waitpid(worker.pid, &status, 0) == worker.pid)
        return (worker, Termination(waitStatus: status))
    }

    @Test(arguments: [
        (#"test -S /proc/$$/fd/3 && test -S /proc/$$/fd/4"#, "listener and control socket on 3 and 4"),
        (#"test /proc/$$/fd/5 -ef /dev/zero"#, "the shared memory on 5"),
        (#"n=6; while test $n -lt 200; do test ! -e /proc/$$/fd/$n || exit 1; n=$((n + 1)); done"#, "nothing else"),
        // A shell blocks and opens things when it forks, so what it looks at itself it does without.
        (#"exec grep -q '^SigBlk:.0000000000000000$' /proc/$$/status"#, "no signal blocked"),
        // glibc itself ignores its two internal signals, 32 and 33.
        (#"exec grep -q '^SigIgn:.0000000[01][08]0000000$' /proc/$$/status"#, "no signal ignored"),
        (#"read pid name state parent group rest < /proc/$$/stat; test $group = $$"#, "a process group of its own"),
    ])
    func spawn_givesTheWorker(script: String, what: String) throws {
        let (worker, termination) = try run(script)
        defer { worker.closeControl() }
        #expect(termination == .exited(code: 0), "\(what)")
    }

    @Test func spawn_withAnAdminListener_givesItTooAndNothingElse() throws {
        let script = #"test /proc/$$/fd/6 -ef /proc/$$/fd/3 || exit 1; test ! -e /proc/$$/fd/7"#
        let (worker, termination) = try run(script, withAdminListener: true)
        defer { worker.closeControl() }
        #expect(termination == .exited(code: 0))
    }

    @Test(arguments: [
        ("exit 7", Termination.exited(code: 7)),
        ("kill -9 $$", .killed(signal: 9)),
        ("kill -TERM $$", .killed(signal: 15)),
    ])
    func termination_tellsExitCodesFromSignals(script: String, expected: Termination) throws {
        let (worker, termination) = try run(script)
        defer { worker.closeControl() }
        #expect(termination == expected)
    }

    @Test func receive_givesMessagesInOrderThenTheEnd() throws {
        let zeroes = String(repeating: #"\000"#, count: 63)
        let script = [#"\001"#, #"\077"#, #"\002"#].map { "printf '\($0)\(zeroes)' >&4" }.joined(separator: ";")
        let (worker, _) = try run(script)
        defer { worker.closeControl() }
        let readings = (0..<4).map { _ in worker.receive() }
        #expect(
            readings == [.message(.ready(isDegraded: false)), .message(nil), .message(.drained), .endOfFile]
        )
    }

    @Test func spawn_ofAMissingProgram_throws() throws {
        let error = #expect(throws: SystemCallError.self) {
            try WorkerProcess.spawn(
                "/nowhere/at/all",
                arguments: ["x"],
                environment: StringVector([]),
                descriptors: WorkerDescriptors(listener: 0, sharedMemory: 1, adminListener: nil)
            )
        }
        #expect(error?.code == ENOENT)
    }

    @Test(arguments: [
        (["SWIFT_BACKTRACE": "enable=no", "A": "1"], "enable=no"),
        (["A": "1"], "symbolicate=fast,interactive=no,color=no*"),
    ])
    func environment_isPassedOnAndKeepsCrashReportsQuick(variables: [String: String], backtrace: String) throws {
        let (worker, termination) = try run(
            #"test "$A" = 1 && case "$SWIFT_BACKTRACE" in \#(backtrace)) ;; *) false ;; esac"#,
            environment: variables
        )
        defer { worker.closeControl() }
        #expect(termination == .exited(code: 0))
    }
}
