// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Core
import Glibc
import Logging
import Testing
import Worker

@Suite(.timeLimit(.minutes(1))) struct SupervisorLinkTests {
    private enum Event: Hashable {
        case drain(Duration)
        case reopenLogs
        case orphaned
        case exit(Core.ExitStatus)
    }

    /// The supervisor's end of the control socket.
    private let supervisor: Int32
    private let link: SupervisorLink
    private let events: AsyncStream<Event>
    private let continuation: AsyncStream<Event>.Continuation

    init() throws {
        var pair: [Int32] = [-1, -1]
        #expect(clinux_socket_pair(&pair) == 0)
        supervisor = pair[0]
        (events, continuation) = AsyncStream.makeStream(of: Event.self)
        link = SupervisorLink(
            control: pair[1],
            signals: nil,
            orphanDeadline: .milliseconds(1),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            exit: { [continuation] in continuation.yield(.exit($0)) }
        )
    }

    private func start() throws {
        try link.start(
            onDrain: { [continuation] in continuation.yield(.drain($0)) },
            onReopenLogs: { [continuation] in continuation.yield(.reopenLogs) },
            onOrphaned: { [continuation] in continuation.yield(.orphaned) }
        )
    }

    /// Says that the worker is ready, and takes that in as the supervisor: closing with it unread would be a reset.
    private func becomeReady() {
        link.send(.ready(isDegraded: false))
        var buffer = [UInt8](repeating: 0, count: ControlMessage.size)
        #expect(recv(supervisor, &buffer, buffer.count, 0) == ControlMessage.size)
    }

    private func tell(_ bytes: [UInt8]) {
        #expect(send(supervisor, bytes, bytes.count, 0) == bytes.count)
    }

    private func first(_ count: Int) async -> [Event] {
        var first: [Event] = []
        for await event in events.prefix(count) { first.append(event) }
        return first
    }

    @Test func send_reachesTheSupervisor() {
        link.send(.ready(isDegraded: true))
        var buffer = [UInt8](repeating: 0, count: 100)
        let size = recv(supervisor, &buffer, buffer.count, 0)
        #expect(ControlMessage(bytes: buffer.prefix(size)) == .ready(isDegraded: true))
        close(supervisor)
    }

    @Test func drain_whenReady_isToldOnceWithItsDeadline() async throws {
        becomeReady()
        try start()
        tell(ControlMessage.drain(deadline: .seconds(25)).bytes)
        tell(ControlMessage.drain(deadline: .seconds(5)).bytes)
        close(supervisor)
        #expect(await first(3) == [.drain(.seconds(25)), .orphaned, .exit(.orphaned)])
    }

    @Test func drain_beforeReady_endsTheProcess() async throws {
        try start()
        tell(ControlMessage.drain(deadline: .seconds(25)).bytes)
        #expect(await first(1) == [.exit(.done)])
        close(supervisor)
    }

    @Test func endOfFile_whenReady_isToldAndThenEndsTheProcess() async throws {
        becomeReady()
        try start()
        close(supervisor)
        #expect(await first(2) == [.orphaned, .exit(.orphaned)])
    }

    @Test func endOfFile_beforeReady_endsTheProcess() async throws {
        try start()
        close(supervisor)
        #expect(await first(1) == [.exit(.orphaned)])
    }

    @Test func reopenLogs_isToldEachTime_beforeReadyToo() async throws {
        try start()
        tell(ControlMessage.reopenLogs.bytes)
        tell(ControlMessage.reopenLogs.bytes)
        #expect(await first(2) == [.reopenLogs, .reopenLogs])
        close(supervisor)
    }

    @Test func messagesWithoutAMeaning_areIgnored() async throws {
        becomeReady()
        try start()
        tell([3])
        tell([UInt8](repeating: 3, count: ControlMessage.size + 1))
        tell([UInt8](repeating: 200, count: ControlMessage.size))
        tell(ControlMessage.drained.bytes)
        tell(ControlMessage.drain(deadline: .seconds(1)).bytes)
        #expect(await first(1) == [.drain(.seconds(1))])
        close(supervisor)
    }
}
