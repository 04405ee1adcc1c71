// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// Where a browser proves an identity that is to be linked.
package struct LinkResponse: ResponseSchema {
    private let url: Redacted<String>

    /// - Parameter url: The address.
    package init(url: Redacted<String>) {
        self.url = url
    }

    package static let properties: [Property<LinkResponse>] = [
        .text("url", "What the user's browser opens, within a minute.") { $0.url.exposed }
    ]
}
