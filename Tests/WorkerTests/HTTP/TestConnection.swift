// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import API
import Core
import HTTPTypes
import NIOCore
import NIOEmbedded
import Synchronization
import Worker

/// A connection without a socket, on an event loop whose time the test moves.
final class TestConnection {
    let loop: EmbeddedEventLoop
    let channel: EmbeddedChannel
    /// Whether the client has sent more than was given to the connection yet.
    var hasUnread = false
    private let responder = TestResponder()

    final class Shared<Value: Sendable>: Sendable {
        let value: Mutex<Value>
        init(_ value: Value) { self.value = Mutex(value) }
    }

    /// A connection of `clock`, which is one of `loop`; nil for a clock of its own.
    init(loop: EmbeddedEventLoop = EmbeddedEventLoop(), clock: NIOLoopBoundBox<ConnectionClock>? = nil) throws {
        self.loop = loop
        channel = EmbeddedChannel(loop: loop)
        let clock = clock ?? ConnectionClock.start(on: loop) { false }
        let pipeline = HTTPPipeline(
            responder: responder,
            handlerLimit: .seconds(10),
            executor: EventLoopTaskExecutor(loop)
        )
        try pipeline.add(to: channel, clock: clock.value, turn: LoopTurn(loop)) { [unowned self] in hasUnread }
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    var isOpen: Bool { channel.isActive }
    /// How often the work on a request was cancelled.
    var timesAbandoned: Int { responder.timesCancelled }
    /// How many requests the service was asked to answer.
    var served: Int { responder.served }
    /// The bodies that the service read; nil for those that did not come.
    var bodies: [[UInt8]?] { responder.bodies }

    /// The client sends something.
    func send(_ text: String) throws {
        try channel.writeInbound(ByteBuffer(string: text))
        loop.run()
    }

    /// The service answers the request that it works on.
    func answer(body: [UInt8]? = nil) {
        responder.answer(body: body)
        loop.run()
    }

    /// What the client has got since the last time.
    func received() throws -> String {
        var text = ""
        while let bytes = try channel.readOutbound(as: ByteBuffer.self) { text += String(buffer: bytes) }
        return text
    }

    func advance(seconds: Int) {
        loop.advanceTime(by: .seconds(Int64(seconds)))
    }
}
