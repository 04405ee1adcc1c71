// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTPTypes
import Synchronization
import Worker

/// A connection without a socket, on an event loop whose time the test moves.
final class TestConnection {
    let loop: EmbeddedEventLoop
    let channel: EmbeddedChannel
    /// Whether the client has sent more than was given to the connection yet.
    var hasUnread = false
    private let abandoned: Shared<Int>

    final class Shared<Value: Sendable>: Sendable {
        let value: Mutex<Value>
        init(_ value: Value) { self.value = Mutex(value) }
    }

    /// A connection of `clock`, which is one of `loop`; nil for a clock of its own.
    init(loop: EmbeddedEventLoop = EmbeddedEventLoop(), clock: NIOLoopBoundBox<ConnectionClock>? = nil) throws {
        self.loop = loop
        let abandoned = Shared(0)
        self.abandoned = abandoned
        channel = EmbeddedChannel(loop: loop)
        let clock = clock ?? ConnectionClock.start(on: loop) { false }
        let pipeline = HTTPPipeline(
            handlerLimit: .seconds(10),
            refuse: { error, request in
                let fields: HTTPFields = [.contentLength: "\(error.code.rawValue.utf8.count)"]
                let body = request?.method == .head ? [] : Array(error.code.rawValue.utf8)
                return (
                    HTTPResponse(
                        status: error.code == .requestTimeout ? .requestTimeout : .serviceUnavailable,
                        headerFields: fields
                    ), body
                )
            },
            abandon: { _ in abandoned.value.withLock { $0 += 1 } }
        )
        try pipeline.add(to: channel, clock: clock.value) { [unowned self] in hasUnread }
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    var isOpen: Bool { channel.isActive }
    /// How often the work for the connection was given up.
    var timesAbandoned: Int { abandoned.value.withLock { $0 } }

    /// The client sends something.
    func send(_ text: String) throws {
        try channel.writeInbound(ByteBuffer(string: text))
    }

    /// The service answers the oldest request.
    func answer() throws {
        try begin()
        try channel.writeOutbound(HTTPResponsePart.end(nil))
    }

    /// The service writes the head of an answer.
    func begin() throws {
        try channel.writeOutbound(HTTPResponsePart.head(HTTPResponse(status: .noContent)))
    }

    /// What the client has got since the last time.
    func received() throws -> String {
        var text = ""
        while let bytes = try channel.readOutbound(as: ByteBuffer.self) { text += String(buffer: bytes) }
        return text
    }

    /// How many requests the service has got since the last time.
    func served() throws -> Int {
        var count = 0
        while let part = try channel.readInbound(as: HTTPRequestPart.self) {
            if case .end = part { count += 1 }
        }
        return count
    }

    func advance(seconds: Int) {
        loop.advanceTime(by: .seconds(Int64(seconds)))
    }
}
