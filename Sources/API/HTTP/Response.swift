// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import HTTPTypes

/// One answer, ready to be sent: only what frames it on its connection is missing.
package struct Response: Sendable {
    package let status: HTTPResponse.Status
    package let header: HeaderLines
    /// The body; a HEAD request gets its length alone.
    package let body: [UInt8]

    package init(status: HTTPResponse.Status, header: HeaderLines, body: [UInt8]) {
        self.status = status
        self.header = header
        self.body = body
    }
}
