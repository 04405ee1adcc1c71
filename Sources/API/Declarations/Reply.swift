// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes
import Models

/// An answer before it becomes HTTP.
package struct Reply: Sendable {
    package var status: HTTPResponse.Status
    package var contentType: ContentType?
    package var headers: HTTPFields
    package var body: [UInt8]
    /// For what it gives out a token pair, if it does: for metrics.
    var grant: TokenGrant?
    /// Who signed in with it, if somebody did: for the log.
    var user: Identifier<User>?

    package init(
        status: HTTPResponse.Status,
        contentType: ContentType? = nil,
        headers: HTTPFields = [:],
        body: [UInt8] = []
    ) {
        self.status = status
        self.contentType = contentType
        self.headers = headers
        self.body = body
    }
}
