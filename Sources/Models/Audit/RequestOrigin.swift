// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// Where a change comes from, for its AuditEvent.
package struct RequestOrigin: Sendable {
    /// That of the request that this task works on; nil when it works on none that may change something.
    @TaskLocal package static var current: RequestOrigin?

    package let requestID: String
    /// Where the request comes from; nil when it came by a socket file and nobody who is trusted says more.
    package let clientAddress: IPAddress?

    package init(requestID: String, clientAddress: IPAddress?) {
        self.requestID = requestID
        self.clientAddress = clientAddress
    }
}
