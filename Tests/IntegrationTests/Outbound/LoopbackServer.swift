// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Synchronization

/// A server on a loopback port for tests: one thread a connection, and answers that a test writes byte by byte.
final class LoopbackServer: Sendable {
    /// One connection whose request has arrived.
    struct Connection {
        let socket: Int32

        func send(_ text: String) {
            let bytes = Array(text.utf8)
            var sent = 0
            while sent < bytes.count {
                let count = bytes.withUnsafeBytes {
                    Glibc.send(socket, $0.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
                }
                guard count > 0 else { return }
                sent += count
            }
        }

        /// Returns when the client has closed the connection.
        func waitForClose() {
            var byte: UInt8 = 0
            while recv(socket, &byte, 1, 0) > 0 {}
        }
    }

    let port: UInt16
    private let listener: Int32
    private let received = Mutex<[String]>([])

    /// The requests that have arrived so far, head and body.
    var requests: [String] { received.withLock { $0 } }

    /// Serves every connection by `respond`; the connection ends with it.
    init(_ respond: @escaping @Sendable (Connection) -> Void) throws {
        _ = Self.hostileEnvironment
        let socket = LoopbackListener()
        (listener, port) = (socket.descriptor, socket.port)
        let listener = listener
        Thread.detachNewThread { [weak self] in
            while case let socket = accept(listener, nil, nil), socket >= 0 {
                Thread.detachNewThread { [weak self] in
                    defer { close(socket) }
                    guard let request = Self.readRequest(socket) else { return }
                    self?.received.withLock { $0.append(request) }
                    respond(Connection(socket: socket))
                }
            }
        }
    }

    /// Answers every request with the same bytes.
    convenience init(answering text: String) throws {
        try self.init { $0.send(text) }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    func url(_ path: String = "/") -> String {
        "http://127.0.0.1:\(port)\(path)"
    }

    /// What the shell of an operator may hold, for every test of this process: proxies that do not answer, and a netrc.
    private static let hostileEnvironment: Void = {
        for name in ["http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
            setenv(name, "http://127.0.0.1:1", 1)
        }
        unsetenv("no_proxy")
        unsetenv("NO_PROXY")
        let home = FileManager.default.temporaryDirectory.appending(path: "postern-outbound-tests")
        try? FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
        let netrc = Data("default login netrc password netrc\n".utf8)
        try? netrc.write(to: home.appending(path: ".netrc"))
        setenv("HOME", home.path, 1)
    }()

    /// Head and body, by `Content-Length`; nil when the connection ends before.
    private static func readRequest(_ socket: Int32) -> String? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(socket, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            bytes.append(contentsOf: buffer[..<count])
            let text = String(decoding: bytes, as: UTF8.self)
            guard let end = text.range(of: "\r\n\r\n") else { continue }
            let length = text.firstMatch(of: /(?i)\r\ncontent-length: *(\d+)/).flatMap { Int($0.1) } ?? 0
            if text[end.upperBound...].utf8.count >= length { return text }
        }
    }
}
