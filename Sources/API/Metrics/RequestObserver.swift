// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes

/// Is told of every request, for metrics.
///
/// It is called in the midst of each, so that whatever it does must be next to nothing.
package protocol RequestObserver: Sendable {
    /// A request begins.
    ///
    /// - Parameter requestID: Under which it stands in the log.
    /// - Returns: What the other functions know it by.
    func began(_ requestID: String) -> ObservedRequest

    /// A request turned out to be for an operation: `GET /api/v1/users/{id}`.
    func routed(_ request: ObservedRequest, to operation: String)

    /// A request has its answer; exactly one call follows each ``began(_:)``.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - method: Its method, if that is one of HTTP's own; nil if not, or if the address does not take it.
    ///   - route: The path of its operation, with parameters in braces; nil when there is none.
    ///   - status: The status of the answer.
    func ended(_ request: ObservedRequest, method: HTTPRequest.Method?, route: String?, status: Int)

    /// Something happened that is counted.
    func count(_ event: APIEvent)
}

/// A request between ``RequestObserver/began(_:)`` and ``RequestObserver/ended(_:method:route:status:)``.
package struct ObservedRequest: Sendable {
    /// When it began.
    package let start: MonotonicTime
    /// Where the observer wrote it down, if anywhere.
    package let row: Int?

    package init(start: MonotonicTime, row: Int?) {
        self.start = start
        self.row = row
    }
}

extension ObservedRequest {
    /// Of these alone there are series of their own: methods are the caller's choice, and series cost memory.
    private static let methods: Set<HTTPRequest.Method> = [.get, .head, .post, .put, .patch, .delete, .options]

    /// Tells `observer` of the answer.
    func end(
        _ method: HTTPRequest.Method?,
        route: String?,
        _ status: HTTPResponse.Status,
        _ observer: (any RequestObserver)?
    ) {
        let known = method.flatMap { status == .methodNotAllowed || !Self.methods.contains($0) ? nil : $0 }
        observer?.ended(self, method: known, route: route, status: status.code)
    }
}
