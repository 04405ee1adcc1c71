// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Glibc

/// A server on this host, asked with one plain HTTP request.
struct LocalServer {
    private static let patience = 5
    /// In bytes; the status of 512 workers is less.
    private static let longestAnswer = 1_048_576

    private let address: ListenAddress

    /// A server that listens on all addresses is asked on the loopback one.
    init(_ address: ListenAddress) {
        switch address {
        case .tcp("0.0.0.0", let port): self.address = .tcp(host: "127.0.0.1", port: port)
        case .tcp("::", let port): self.address = .tcp(host: "::1", port: port)
        default: self.address = address
        }
    }

    /// The status of the answer to `GET path`.
    ///
    /// - Throws: ``SystemCallError`` or ``DomainError`` when there is no answer.
    func status(of path: String) throws -> Int {
        try answer(to: path).status
    }

    /// The answer to `GET path`, without its header.
    ///
    /// - Throws: ``SystemCallError`` or ``DomainError`` when there is no answer.
    func answer(to path: String) throws -> (status: Int, body: [UInt8]) {
        let socket = try connected()
        defer { close(socket) }
        var patience = timeval(tv_sec: Self.patience, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))

        let request = Array("GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8)
        guard send(socket, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
            throw SystemCallError("send", code: errno)
        }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        // The server closes the connection behind its answer, as it was asked to.
        while answer.count < Self.longestAnswer {
            let received = recv(socket, &buffer, buffer.count, 0)
            guard received > 0 else { break }
            answer += buffer[..<received]
        }
        guard !answer.isEmpty else { throw DomainError(.unavailable, "The server at \(address) does not answer.") }
        let line = String(decoding: answer.prefix(12), as: UTF8.self)
        guard line.hasPrefix("HTTP/1.1 "), let status = Int(line.dropFirst(9)) else {
            throw DomainError(.upstream, "What listens at \(address) does not speak HTTP.")
        }
        let emptyLine = Array("\r\n\r\n".utf8)
        let end = answer.indices.first { answer[$0...].starts(with: emptyLine) } ?? answer.endIndex
        return (status, Array(answer[end...].dropFirst(emptyLine.count)))
    }

    private func connected() throws -> Int32 {
        switch address {
        case .tcp(let host, let port): try connected(host: host, port: port)
        case .unix(let path): try connected(path: path)
        }
    }

    private func connected(host: String, port: UInt16) throws -> Int32 {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var addresses: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &addresses)
        guard code == 0 else {
            throw DomainError(.unavailable, "\(address): \(String(cString: gai_strerror(code)))")
        }
        defer { freeaddrinfo(addresses) }
        var next = addresses
        var failure = ECONNREFUSED
        while let candidate = next?.pointee {
            let socket = socket(candidate.ai_family, candidate.ai_socktype | Int32(SOCK_CLOEXEC.rawValue), 0)
            if connect(socket, candidate.ai_addr, candidate.ai_addrlen) == 0 { return socket }
            failure = errno
            close(socket)
            next = candidate.ai_next
        }
        throw SystemCallError("connect", code: failure)
    }

    private func connected(path: String) throws -> Int32 {
        let socket = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else {
            let failure = errno
            close(socket)
            throw SystemCallError("connect", code: failure)
        }
        return socket
    }
}
