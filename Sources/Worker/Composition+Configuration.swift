// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Models
import Outbound
import Providers

/// The parts that a configuration can be wrong about.
extension Composition {
    /// Checks what only the parts themselves can check, without starting any of them.
    ///
    /// - Throws: as ``init(_:isDraining:scoreboard:observer:logger:)``.
    package static func check(_ configuration: Configuration) throws(ConfigurationError) {
        try checkReplica(configuration.database)
        _ = try masterSecrets(configuration.secret)
        _ = try providers(configuration, clock: SystemClock())
    }

    /// The installation's secrets, when they are good enough.
    ///
    /// - Throws: ``ConfigurationError`` that names the setting, never its value.
    static func masterSecrets(_ configuration: SecretConfiguration) throws(ConfigurationError) -> MasterSecrets {
        MasterSecrets(
            current: try masterSecret(configuration.current),
            previous: try configuration.previous.map(masterSecret)
        )
    }

    private static func masterSecret(_ setting: SecretSetting) throws(ConfigurationError) -> MasterSecret {
        do throws(MasterSecretError) {
            return try MasterSecret(base64: setting.encoded.exposed)
        } catch {
            throw ConfigurationError(setting.key, "\(error)")
        }
    }

    /// - Throws: ``ConfigurationError`` for an issuer or endpoint that is no acceptable address.
    static func providers(
        _ configuration: Configuration,
        clock: any WallClock
    ) throws(ConfigurationError) -> [any IdentityProvider] {
        let client = HTTPClient()
        var providers: [any IdentityProvider] = []
        for settings in configuration.providers {
            do throws(OutboundError) {
                providers.append(try OIDCProvider(settings, transport: client, clock: clock))
            } catch {
                throw ConfigurationError(
                    settings.issuerKey,
                    "must be an https URL, or an http URL of this host, without query and fragment"
                )
            }
        }
        if let github = configuration.github {
            guard !providers.contains(where: { $0.name == GitHubSettings.name }) else {
                throw ConfigurationError("POSTERN_OIDC_GITHUB_ISSUER", "names a provider that exists already")
            }
            providers.append(try GitHubProvider(github, transport: client))
        }
        return providers
    }
}
