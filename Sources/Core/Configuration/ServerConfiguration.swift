// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// Where the service listens, with how many workers, and under which address the world sees it.
///
/// Settings: `POSTERN_LISTEN`, `POSTERN_ADMIN_LISTEN`, `POSTERN_WORKERS`, `POSTERN_PUBLIC_URL`,
/// `POSTERN_TRUSTED_PROXIES`.
package struct ServerConfiguration: Sendable {
    package let listen: ListenAddress
    /// Where operators ask for metrics and status; nil when nobody can.
    package let adminListen: ListenAddress?
    package let workers: Int
    package let publicURL: PublicURL
    package let trustedProxies: TrustedProxies
    /// How many connections each worker has at a time.
    package let maximumConnections: Int
    /// How long a request may be worked on.
    package let requestTimeout: Duration

    /// - Parameters:
    ///   - settings: The settings.
    ///   - cores: The default of `POSTERN_WORKERS`.
    /// - Throws: ``ConfigurationError`` for a value that is wrong or unsafe.
    package init(_ settings: Settings, cores: Int) throws(ConfigurationError) {
        self.listen = try Self.listen(settings)
        self.adminListen = try Self.adminListen(settings)
        self.workers = try settings.integer(SettingKey.workers, in: 1...512) ?? max(1, min(512, cores))
        self.trustedProxies = try TrustedProxies(settings)
        self.maximumConnections = try settings.integer(SettingKey.maximumConnections, in: 1...1_000_000) ?? 10_000
        self.requestTimeout =
            try settings.duration(SettingKey.requestTimeout, in: .seconds(1)...(.seconds(300))) ?? .seconds(15)

        if let url = settings.text(SettingKey.publicURL) {
            self.publicURL = try PublicURL(url)
        } else if case .tcp = listen, listen.isLoopback {
            self.publicURL = try PublicURL("http://\(listen)")
        } else {
            throw ConfigurationError(
                SettingKey.publicURL,
                "must be set, for example https://id.example.com, when POSTERN_LISTEN is not a port of a loopback address"
            )
        }
    }

    /// Where the server listens.
    ///
    /// - Throws: ``ConfigurationError`` when it is no address.
    package static func listen(_ settings: Settings) throws(ConfigurationError) -> ListenAddress {
        guard let address = ListenAddress(settings.text(SettingKey.listen) ?? "127.0.0.1:8080") else {
            throw ConfigurationError(SettingKey.listen, "must be host:port or unix:/path")
        }
        return address
    }

    /// Where the server answers operators; nil for `off`.
    ///
    /// - Throws: ``ConfigurationError`` when it is no address.
    package static func adminListen(_ settings: Settings) throws(ConfigurationError) -> ListenAddress? {
        let text = settings.text(SettingKey.adminListen) ?? "127.0.0.1:9464"
        guard text != "off" else { return nil }
        guard let address = ListenAddress(text) else {
            throw ConfigurationError(SettingKey.adminListen, "must be host:port, unix:/path or off")
        }
        return address
    }
}
