// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import API
import Core
import HTTPTypes
import HummingbirdCore
import NIOCore
import SharedMemory

/// Answers operators: `/metrics` and `/status` of the whole host, whichever of its workers is asked.
struct AdminResponder: HTTPResponder {
    private let memory: SharedMemory
    private let listener: ListeningDescriptor?

    /// - Parameters:
    ///   - memory: What all workers write to.
    ///   - listener: The public listener.
    init(memory: SharedMemory, listener: ListeningDescriptor?) {
        self.memory = memory
        self.listener = listener
    }

    func respond(to request: Request, channel _: any Channel) async -> Response {
        guard ["/metrics", "/status"].contains(request.uri.path) else {
            return Self.response(.notFound, "There are /metrics and /status.\n")
        }
        guard request.method == .get || request.method == .head else {
            var response = Self.response(.methodNotAllowed, "GET only.\n")
            response.headers[.allow] = "GET, HEAD"
            return response
        }
        let response = request.uri.path == "/metrics" ? metrics() : status()
        return request.method == .head ? response.createHeadResponse() : response
    }

    func refusal(_ error: DomainError, of _: HTTPRequest?) -> (head: HTTPResponse, body: [UInt8]) {
        let body = Array("\(error.detail)\n".utf8)
        var head = Self.response(error.code.status, "").head
        head.headerFields[.contentLength] = "\(body.count)"
        return (head, body)
    }

    private func metrics() -> Response {
        let text = PrometheusText(
            ScoreboardSnapshot(memory),
            version: Release.version,
            listenQueue: listener?.queueLength
        ).text
        return Self.response(.ok, text, contentType: PrometheusText.contentType)
    }

    private func status() -> Response {
        let document = StatusDocument(ScoreboardSnapshot(memory), listenQueue: listener?.queueLength, at: .now())
        return Self.response(.ok, document.json, contentType: "application/json")
    }

    private static func response(
        _ status: HTTPResponse.Status,
        _ body: String,
        contentType: String = "text/plain; charset=utf-8"
    ) -> Response {
        Response(
            status: status,
            headers: [.contentType: contentType, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: body))
        )
    }
}
