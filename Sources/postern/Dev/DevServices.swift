// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import FoundationEssentials

/// What `postern dev` puts beside the server, as far as the environment does not name something else.
final class DevServices {
    private let directory: String
    private let postgres: EmbeddedPostgres?
    private let provider: DemoProvider
    private var environment: [String: String]

    /// Whether the demonstration provider stands in for a real one.
    let isDemonstrating: Bool

    /// - Throws: ``ConfigurationError`` for a setting that is wrong, before anything is started that would have to be
    ///   stopped again.
    init(directory: String) throws {
        self.directory = directory
        environment = ProcessInfo.processInfo.environment
        _ = try Settings(environment: environment)
        postgres =
            environment[SettingKey.databaseURL] == nil
            ? try EmbeddedPostgres(directory: "\(directory)/postgres") : nil
        provider = DemoProvider(directory: directory)
        let hasProvider = environment.keys.contains {
            $0.hasPrefix("POSTERN_OIDC_") || $0 == SettingKey.googleClientID
        }
        isDemonstrating = !hasProvider && provider.isInstalled
    }

    /// Starts them.
    ///
    /// - Returns: the environment with the settings that lead to them.
    func start() throws -> [String: String] {
        if let postgres {
            Terminal.message("starting PostgreSQL")
            try postgres.start()
            environment[SettingKey.databaseURL] = postgres.connectionString
        }
        // No load balancer has to learn that a server on somebody's desk stops.
        environment[SettingKey.shutdownDelay] = environment[SettingKey.shutdownDelay] ?? "0s"
        if environment[SettingKey.adminListen] == nil {
            // The usual port belongs to an installation that runs on this machine already.
            let port = LoopbackPort.free(9464) ?? LoopbackPort.free(0)
            environment[SettingKey.adminListen] = port.map { "127.0.0.1:\($0)" } ?? "off"
        }
        if environment[SettingKey.secret] == nil, environment[SettingKey.secretFile] == nil {
            environment[SettingKey.secretFile] = try DevSecret(path: "\(directory)/secret").path
        }
        if isDemonstrating {
            Terminal.message("starting a demonstration identity provider")
            try provider.start()
            environment["POSTERN_OIDC_DEMO_ISSUER"] = provider.issuer
            environment["POSTERN_OIDC_DEMO_CLIENT_ID"] = "postern"
            environment["POSTERN_OIDC_DEMO_CLIENT_SECRET"] = "demonstration"
        }
        return environment
    }

    /// Stops them; doing it twice is harmless.
    func stop() {
        provider.stop()
        postgres?.stop()
    }
}
