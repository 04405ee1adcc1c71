// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// The identity providers that are on.
package struct ProviderListResponse: ResponseSchema {
    /// One provider, and where signing in with it begins.
    package struct Provider: ResponseSchema {
        private let name: String
        private let displayName: String
        private let loginURL: String

        package init(name: String, displayName: String, loginURL: String) {
            self.name = name
            self.displayName = displayName
            self.loginURL = loginURL
        }

        package static let properties: [Property<Provider>] = [
            .text("name") { $0.name },
            .text("display_name") { $0.displayName },
            .text("login_url") { $0.loginURL },
        ]
    }

    private let providers: [Provider]

    package init(_ providers: [Provider]) {
        self.providers = providers
    }

    package static let properties: [Property<ProviderListResponse>] = [.objects("items") { $0.providers }]
}
