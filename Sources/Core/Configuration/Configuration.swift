// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// Everything that `serve` and its workers need to know.
package struct Configuration: Sendable {
    package let database: DatabaseConfiguration
    package let server: ServerConfiguration
    package let supervision: SupervisionConfiguration
    package let secret: SecretConfiguration
    package let tokens: TokenConfiguration
    package let providers: [ProviderSettings]
    /// Nil when GitHub is off.
    package let github: GitHubSettings?
    package let redirectURLs: [RedirectURL]
    package let audit: AuditConfiguration
    package let requestLog: RequestLogConfiguration
    package let rateLimits: RateLimitConfiguration

    /// - Parameters:
    ///   - settings: The settings.
    ///   - cores: How many workers there are unless the settings say.
    /// - Throws: ``ConfigurationError`` for the first setting that is missing, wrong or unsafe.
    package init(_ settings: Settings, cores: Int) throws(ConfigurationError) {
        self.database = try DatabaseConfiguration(settings)
        self.server = try ServerConfiguration(settings, cores: cores)
        self.supervision = try SupervisionConfiguration(settings, workers: server.workers)
        self.secret = try SecretConfiguration(settings)
        self.tokens = try TokenConfiguration(settings)
        self.providers = try ProviderSettings.all(settings)
        self.github = try GitHubSettings.read(settings)
        self.redirectURLs = try RedirectURL.all(settings)
        self.audit = try AuditConfiguration(settings)
        self.requestLog = try RequestLogConfiguration(settings)
        self.rateLimits = try RateLimitConfiguration(settings)
    }
}
