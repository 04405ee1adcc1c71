// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Core
import Logging

/// The database thread's work: an event loop that owns all connections of a pool.
///
/// ``PoolState`` decides, this acts.
///
/// One turn takes the messages of the mailbox, gives requests to connections, sends each connection's in one go, resumes
/// those whose answers came, and sleeps until something happens. Nothing here is used by another thread.
final class Reactor {
    /// Statements of one turn that may share a Sync on a connection.
    ///
    /// The server holds their answers back until the Sync, so a long group would make the first wait for the last; and
    /// more than these save it hardly anything.
    static let maximumGroup = 8

    let configuration: DatabasePoolConfiguration
    let parameters: ConnectionParameters
    let poller: Poller
    let logger: Logger
    let observer: (any DatabaseObserver)?
    private let loop: CallerLoop?
    private let mailbox: Mailbox
    private let connectionFlag: ConnectionFlag
    private var messages: [Mailbox.Message] = []

    var state: PoolState<PooledRequest>
    var connections: [PipelineConnection?]
    var lastToken: UInt64 = 0
    /// The host that is tried first: the one that worked last, or the one after that which hung.
    var firstHost = 0
    /// Whether the log says that the database is out of reach.
    var isOutageLogged = false
    var waiting = WaitingQueue<PooledRequest>()
    private var connectionWaiters: [ConnectionWaiter] = []
    private var answers: [RequestAnswer] = []
    /// The instant of the present turn.
    var now = MonotonicTime.now()

    init(
        configuration: DatabasePoolConfiguration,
        parameters: ConnectionParameters,
        mailbox: Mailbox,
        connectionFlag: ConnectionFlag,
        poller: Poller,
        observer: (any DatabaseObserver)?,
        loop: CallerLoop?,
        logger: Logger
    ) {
        self.configuration = configuration
        self.parameters = parameters
        self.mailbox = mailbox
        self.connectionFlag = connectionFlag
        self.poller = poller
        self.observer = observer
        self.loop = loop
        self.logger = logger
        state = PoolState(connections: configuration.connections, depth: configuration.pipelineDepth)
        connections = Array(repeating: nil, count: configuration.connections)
    }

    /// Turns until somebody asks for the end.
    func run() {
        while true {
            now = .now()
            let enders = takeMessages()
            guard enders.isEmpty else { return shutDown(telling: enders) }
            // Before others are opened in their place: when nobody asks for anything, no later turn would do it.
            for index in state.overdue(at: now) { giveUp(index) }
            retireOld()
            startConnecting()
            dispatch()
            expire()
            deliver(on: loop)
            observer?.turned(state.status(waiting: waiting.count))
            sleep()
        }
    }

    /// Takes what the mailbox holds; gives those who ask for the end.
    private func takeMessages() -> [CheckedContinuation<Void, Never>?] {
        var enders: [CheckedContinuation<Void, Never>?] = []
        mailbox.exchange(&messages)
        for message in messages {
            switch message {
            case .request(let request): accept(request)
            case .cancel(let number):
                guard let item = waiting.remove(where: { $0.request.number == number }) else { continue }
                answer(item, .failure(DatabaseError(.cancelled)))
            case .connectionWaiter(let waiter): connectionWaiters.append(waiter)
            case .shutdown(let continuation): enders.append(continuation)
            }
        }
        messages.removeAll(keepingCapacity: true)
        return enders
    }

    /// Gives up what no connection was free for in time.
    private func expire() {
        while let item = waiting.removeExpired(at: now) { refuse(item) }
    }

    /// Notes an answer, which goes out at the end of the turn.
    func answer(_ item: PooledRequest, _ answer: Result<ResultSet, DatabaseError>) {
        if let observer, let operation = item.request.operation {
            observer.finished(operation, nanoseconds: now.nanoseconds - item.arrivedAt.nanoseconds)
        }
        guard let continuation = item.request.continuation else { return }
        answers.append(RequestAnswer(continuation: continuation, result: answer))
    }

    private func deliver(on loop: CallerLoop?) {
        if !answers.isEmpty {
            let answers = answers
            self.answers = []
            if let loop {
                loop { for answer in answers { answer.deliver() } }
            } else {
                for answer in answers { answer.deliver() }
            }
        }

        let isConnected = state.isConnected
        if connectionFlag.isConnected != isConnected { connectionFlag.isConnected = isConnected }
        guard !connectionWaiters.isEmpty else { return }
        connectionWaiters.removeAll { waiter in
            guard isConnected || waiter.deadline <= now else { return false }
            waiter.continuation.resume(returning: isConnected)
            return true
        }
    }

    /// Waits until a socket or the mailbox has something, or a deadline passes, and handles what the sockets have.
    private func sleep() {
        var deadline: MonotonicTime? = .earlier(state.deadline, waiting.deadline)
        for waiter in connectionWaiters { deadline = .earlier(deadline, waiter.deadline) }
        var milliseconds: Int64 = -1
        if let deadline {
            // Rounded up: a turn before the deadline would do nothing but go to sleep again.
            milliseconds = min(max(0, (deadline - .now()).milliseconds + 1), 60_000)
        }
        // Whoever watches the turns must see some even while nothing happens.
        if observer != nil { milliseconds = milliseconds < 0 ? 1000 : min(milliseconds, 1000) }
        let mayBlock = mailbox.prepareToSleep()
        let events = poller.wait(milliseconds: mayBlock ? Int32(milliseconds) : 0)
        if mayBlock { mailbox.didWake() }
        now = .now()
        for event in events {
            if event.token == Poller.mailboxToken {
                _ = clinux_eventfd_clear(mailbox.descriptor)
            } else if let index = connections.firstIndex(where: { $0?.token == event.token }) {
                handle(event, on: index)
            }
        }
    }

    private func shutDown(telling enders: [CheckedContinuation<Void, Never>?]) {
        var enders = enders
        let error = DatabaseError(.unavailable, detail: "the pool is closed")
        for message in mailbox.close() {
            switch message {
            case .request(let request): answer(PooledRequest(request: request, arrivedAt: now), .failure(error))
            case .connectionWaiter(let waiter): connectionWaiters.append(waiter)
            case .shutdown(let continuation): enders.append(continuation)
            case .cancel: break
            }
        }
        for index in connections.indices { abandon(index, because: "the pool is closed") }
        for item in waiting.removeAll() { answer(item, .failure(error)) }
        // Nobody is to wait any longer.
        for index in connectionWaiters.indices { connectionWaiters[index].deadline = now }
        deliver(on: nil)
        for continuation in enders { continuation?.resume() }
    }
}
