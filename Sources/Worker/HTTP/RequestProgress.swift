// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// How far the request is that a connection is reading: what ``ConnectionHandler`` tells ``BoundedRequestDecoder``.
final class RequestProgress {
    /// Whether the header is complete and the body is being read.
    private(set) var isInBody = false
    /// The bytes that came since the header began, or since it ended.
    var receivedBytes = 0
    /// Whether the request has a body that is not empty, as far as it came.
    var hasBody = false

    func headerEnded() {
        isInBody = true
        hasBody = false
        receivedBytes = 0
    }

    func requestEnded() {
        isInBody = false
        receivedBytes = 0
    }
}
