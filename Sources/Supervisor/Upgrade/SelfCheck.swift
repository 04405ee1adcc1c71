// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Glibc

/// An installed program that is asked whether it could take this one's place, or this one, asked about new settings.
///
/// An installed program runs beside everything else: the loop watches its output, and learns of its end as of every
/// child's.
struct SelfCheck {
    /// How long it may take.
    static let patience = Duration.seconds(10)
    /// How long it may take when somebody waits for it: longer than it waits for a database that does not answer.
    static let shortPatience = Duration.seconds(5)
    /// How much of its output is kept.
    private static let outputLimit = 16_384

    /// The installed program; nil for the one that runs.
    let program: PinnedProgram?
    /// The settings that it was checked with, besides the environment.
    let configurationFile: PinnedFile?
    let pid: pid_t
    /// When it is ended if it has not ended itself; nil when that was done.
    private(set) var deadline: MonotonicTime?
    /// What it writes; nil when it has closed it.
    private(set) var pipe: Int32?
    private let patience: Duration
    private var output: [UInt8] = []

    /// Starts the check of a program.
    ///
    /// - Throws: ``SystemCallError`` when it cannot even be started.
    init(
        _ program: PinnedProgram?,
        arguments: [String],
        environment: StringVector,
        configurationFile: PinnedFile?,
        patience: Duration = SelfCheck.patience
    ) throws(SystemCallError) {
        var ends: [Int32] = [-1, -1]
        guard Glibc.pipe(&ends) == 0 else { throw SystemCallError("pipe", code: errno) }
        let reading = ends[0]
        do throws(SystemCallError) {
            let writing = try Descriptor.raise(ends[1])
            defer { close(writing) }
            try Descriptor.set(isInherited: false, reading)
            guard fcntl(reading, F_SETFL, O_NONBLOCK) == 0 else { throw SystemCallError("fcntl", code: errno) }
            pid = try ChildProcess.spawn(
                program?.path ?? InstalledProgram.running,
                arguments: arguments,
                environment: environment,
                descriptors: [(writing, STDOUT_FILENO), (writing, STDERR_FILENO)],
                firstClosed: STDERR_FILENO + 1
            )
        } catch {
            close(reading)
            throw error
        }
        self.program = program
        self.configurationFile = configurationFile
        self.pipe = reading
        self.patience = patience
        self.deadline = .now() + patience
    }

    /// Takes what it has written.
    mutating func read() {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while let pipe {
            let size = Glibc.read(pipe, &buffer, buffer.count)
            guard size > 0 else {
                if size == 0 || ![EAGAIN, EINTR].contains(errno) { closePipe() }
                return
            }
            output += buffer.prefix(min(size, Self.outputLimit - output.count))
        }
    }

    /// Ends it when its time is over.
    mutating func enforceDeadline(at now: MonotonicTime) {
        guard let deadline, deadline <= now else { return }
        self.deadline = nil
        kill()
    }

    func kill() {
        Glibc.kill(pid, SIGKILL)
    }

    /// Waits for its end.
    mutating func wait() throws(SystemCallError) -> Termination {
        while let pipe, let deadline {
            var watched = pollfd(fd: pipe, events: Int16(POLLIN), revents: 0)
            poll(&watched, 1, Int32(clamping: max(0, ((deadline - .now()) + .microseconds(999)).milliseconds)))
            read()
            enforceDeadline(at: .now())
        }
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 {
            guard errno == EINTR else { throw SystemCallError("waitpid", code: errno) }
        }
        return Termination(waitStatus: status) ?? .exited(code: ExitStatus.failed.rawValue)
    }

    /// What it reported, now that it has ended.
    mutating func report(_ termination: Termination) throws(SelfCheckRefusal) -> SelfCheckReport {
        read()
        closePipe()
        let name = "the self-check" + (program == nil ? "" : " of the installed program")
        if deadline == nil {
            throw SelfCheckRefusal(description: "\(name) took longer than \(patience)", isLate: true)
        }
        guard termination == .exited(code: ExitStatus.done.rawValue) else {
            let lines = String(decoding: output, as: UTF8.self).split(whereSeparator: \.isNewline)
            let said = lines.last.map { ": \($0)" } ?? ""
            throw SelfCheckRefusal(description: "\(name) \(termination)\(said)")
        }
        guard let report = SelfCheckReport(output: output) else {
            throw SelfCheckRefusal(description: "the installed program is no Postern")
        }
        if let reason = SelfCheckReport.ofThisRelease.refusal(of: report) {
            throw SelfCheckRefusal(description: reason)
        }
        return report
    }

    private mutating func closePipe() {
        if let pipe { close(pipe) }
        pipe = nil
    }
}
