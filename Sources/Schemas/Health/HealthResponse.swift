// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// Whether a worker is alive, or ready for requests.
package struct HealthResponse: ResponseSchema {
    private let status: String

    package init(_ status: String) {
        self.status = status
    }

    package static let properties: [Property<HealthResponse>] = [.text("status") { $0.status }]
}
