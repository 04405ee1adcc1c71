// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// A request on its way to the transfer thread, with the promise of an answer.
struct Submission: Sendable {
    let id: UInt64
    let request: OutboundRequest
    /// When the caller stops waiting.
    let deadline: MonotonicTime
    let resume: @Sendable (Result<OutboundResponse, OutboundError>) -> Void

    func fail(_ code: OutboundError.Code) {
        resume(.failure(OutboundError(code, origin: request.url.origin)))
    }
}
