// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// The names of all settings.
///
/// What is not here is not a setting, and an unknown `POSTERN_` name stops the start: a mistyped setting that is
/// silently ignored is how a limit comes to be off in production.
package enum SettingKey {
    package static let configurationFile = "POSTERN_CONFIG"
    package static let databaseURL = "DATABASE_URL"
    package static let replicaDatabaseURL = "POSTERN_REPLICA_DATABASE_URL"
    package static let migrationDatabaseURL = "POSTERN_MIGRATION_DATABASE_URL"
    package static let poolSize = "POSTERN_POOL_SIZE"
    package static let preparedStatements = "POSTERN_PREPARED_STATEMENTS"
    package static let listen = "POSTERN_LISTEN"
    package static let adminListen = "POSTERN_ADMIN_LISTEN"
    package static let workers = "POSTERN_WORKERS"
    package static let maximumWorkers = "POSTERN_MAX_WORKERS"
    package static let workerMaximumAge = "POSTERN_WORKER_MAX_AGE"
    package static let workerMaximumMemory = "POSTERN_WORKER_MAX_MEMORY"
    package static let shutdownDelay = "POSTERN_SHUTDOWN_DELAY"
    package static let maximumConnections = "POSTERN_MAX_CONNECTIONS"
    package static let requestTimeout = "POSTERN_REQUEST_TIMEOUT"
    package static let publicURL = "POSTERN_PUBLIC_URL"
    package static let secret = "POSTERN_SECRET"
    package static let secretFile = "POSTERN_SECRET_FILE"
    package static let previousSecret = "POSTERN_PREVIOUS_SECRET"
    package static let previousSecretFile = "POSTERN_PREVIOUS_SECRET_FILE"
    package static let accessTokenTTL = "POSTERN_ACCESS_TOKEN_TTL"
    package static let refreshTokenTTL = "POSTERN_REFRESH_TOKEN_TTL"
    package static let sessionTTL = "POSTERN_SESSION_TTL"
    package static let apiKeyPrefix = "POSTERN_API_KEY_PREFIX"
    package static let googleClientID = "POSTERN_GOOGLE_CLIENT_ID"
    package static let googleClientSecret = "POSTERN_GOOGLE_CLIENT_SECRET"
    package static let googleIssuer = "POSTERN_GOOGLE_ISSUER"
    package static let githubClientID = "POSTERN_GITHUB_CLIENT_ID"
    package static let githubClientSecret = "POSTERN_GITHUB_CLIENT_SECRET"
    package static let githubAuthorizeURL = "POSTERN_GITHUB_AUTHORIZE_URL"
    package static let githubTokenURL = "POSTERN_GITHUB_TOKEN_URL"
    package static let githubAPIURL = "POSTERN_GITHUB_API_URL"
    package static let redirectURLs = "POSTERN_REDIRECT_URLS"
    package static let trustedProxies = "POSTERN_TRUSTED_PROXIES"
    package static let rateLimitAddress = "POSTERN_RATE_LIMIT_ADDRESS"
    package static let rateLimitCredential = "POSTERN_RATE_LIMIT_CREDENTIAL"
    package static let rateLimitFailed = "POSTERN_RATE_LIMIT_FAILED"
    package static let rateLimitSignIn = "POSTERN_RATE_LIMIT_SIGN_IN"
    package static let auditRetention = "POSTERN_AUDIT_RETENTION"
    package static let accessLog = "POSTERN_ACCESS_LOG"
    package static let slowRequest = "POSTERN_SLOW_REQUEST"
    package static let logLevel = "POSTERN_LOG_LEVEL"
    package static let logFormat = "POSTERN_LOG_FORMAT"
    package static let logFile = "POSTERN_LOG_FILE"

    static let all = [
        configurationFile, databaseURL, replicaDatabaseURL, migrationDatabaseURL, poolSize, preparedStatements, listen,
        adminListen,
        workers,
        maximumWorkers,
        workerMaximumAge, workerMaximumMemory, shutdownDelay, maximumConnections, requestTimeout, publicURL, secret,
        secretFile,
        previousSecret, previousSecretFile,
        accessTokenTTL, refreshTokenTTL, sessionTTL, apiKeyPrefix, googleClientID,
        googleClientSecret, googleIssuer,
        githubClientID, githubClientSecret, githubAuthorizeURL, githubTokenURL, githubAPIURL, redirectURLs,
        trustedProxies, rateLimitAddress, rateLimitCredential, rateLimitFailed, rateLimitSignIn,
        auditRetention, accessLog, slowRequest, logLevel,
        logFormat, logFile,
    ]

    /// The parts of a setting `POSTERN_OIDC_<NAME>_<PART>`.
    enum OIDCPart: String, CaseIterable {
        case issuer = "ISSUER"
        case clientID = "CLIENT_ID"
        case clientSecret = "CLIENT_SECRET"
        case scopes = "SCOPES"
    }

    /// Splits `POSTERN_OIDC_<NAME>_<PART>`; nil for another key.
    static func oidc(_ key: String) -> (name: String, part: OIDCPart)? {
        guard key.hasPrefix("POSTERN_OIDC_") else { return nil }
        let rest = key.dropFirst("POSTERN_OIDC_".count)
        // The longest part first: `…_CLIENT_ID` does not end with another part's name, but new parts might.
        for part in OIDCPart.allCases where rest.hasSuffix("_\(part.rawValue)") {
            let name = rest.dropLast(part.rawValue.count + 1)
            guard !name.isEmpty else { return nil }
            return (String(name), part)
        }
        return nil
    }

    static func isKnown(_ key: String) -> Bool {
        all.contains(key) || oidc(key) != nil
    }

    /// The known key that differs from `key` in the fewest characters, when these are few.
    static func nearest(to key: String) -> String? {
        let ranked = all.map { (key: $0, distance: editDistance($0, key)) }.min { $0.distance < $1.distance }
        return ranked.flatMap { $0.distance <= 3 ? $0.key : nil }
    }

    private static func editDistance(_ left: String, _ right: String) -> Int {
        let right = Array(right.utf8)
        var row = Array(0...right.count)
        for (index, character) in left.utf8.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in right.indices {
                let substitution = diagonal + (right[column] == character ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(substitution, row[column] + 1, diagonal + 1)
            }
        }
        return row[right.count]
    }
}
