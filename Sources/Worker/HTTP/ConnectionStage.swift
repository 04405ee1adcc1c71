// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// What a connection is waiting for: for its client, or for the answer that is being made.
///
/// The number makes two waits of the same kind different, so that each has its own time.
enum ConnectionStage: Hashable {
    /// For the first byte of a request, after so many requests.
    case waiting(requests: Int)
    /// For the rest of a header.
    case header(requests: Int)
    /// For the rest of a body.
    case body(requests: Int)
    /// For the answer to the oldest request.
    case handling(answers: Int)
    /// For the client to take what was written.
    case writing(progress: Int)
    /// For the client to close, after the last answer.
    case ending

    /// How long it may last, when a request may be worked on for `handlerLimit`.
    func limit(handlerLimit: Duration) -> Duration {
        switch self {
        case .waiting(requests: 0): RequestLimits.firstByteTime
        case .waiting: RequestLimits.idleTime
        case .header: RequestLimits.headerTime
        case .body: RequestLimits.bodyTime
        case .handling: handlerLimit
        case .writing, .ending: RequestLimits.writeTime
        }
    }
}
