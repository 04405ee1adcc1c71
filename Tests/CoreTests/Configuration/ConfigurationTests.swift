// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Logging
import Testing

@Suite struct ConfigurationTests {
    private static let least = ["DATABASE_URL": "postgresql://u:hunter2@db/postern", "POSTERN_SECRET": "c2VjcmV0"]

    private func configuration(_ environment: [String: String]) throws -> Configuration {
        try Configuration(
            Settings(environment: Self.least.merging(environment) { _, given in given }),
            cores: 2
        )
    }

    @Test func defaults_areThoseOfTheManual() throws {
        let configuration = try configuration([:])
        #expect(configuration.database.poolSize == 4)
        #expect(configuration.database.preparesStatements)
        #expect(configuration.database.replicaURL == nil)
        #expect(configuration.database.migrationURL.exposed == configuration.database.url.exposed)
        #expect(configuration.tokens.accessTokenTTL == .seconds(1800))
        #expect(configuration.tokens.refreshTokenTTL == .seconds(2_592_000))
        #expect(configuration.tokens.apiKeyPrefix == "pst")
        #expect(configuration.server.workers == 2)
        #expect(configuration.providers.isEmpty)
    }

    @Test func settings_replaceTheDefaults() throws {
        let configuration = try configuration([
            "POSTERN_POOL_SIZE": "9", "POSTERN_MIGRATION_DATABASE_URL": "host=direct", "POSTERN_ACCESS_TOKEN_TTL": "5m",
            "POSTERN_REFRESH_TOKEN_TTL": "7d", "POSTERN_API_KEY_PREFIX": "acme1", "POSTERN_PREPARED_STATEMENTS": "off",
            "POSTERN_REPLICA_DATABASE_URL": "host=standby",
        ])
        #expect(configuration.database.poolSize == 9)
        #expect(!configuration.database.preparesStatements)
        #expect(configuration.database.replicaURL?.exposed == "host=standby")
        #expect(configuration.database.migrationURL.exposed == "host=direct")
        #expect(configuration.tokens.accessTokenTTL == .seconds(300))
        #expect(configuration.tokens.refreshTokenTTL == .seconds(604_800))
        #expect(configuration.tokens.apiKeyPrefix == "acme1")
    }

    @Test(arguments: [
        ("DATABASE_URL", "", "DATABASE_URL must be set, for example postgresql://user@host/postern"),
        ("POSTERN_POOL_SIZE", "101", "POSTERN_POOL_SIZE must be a whole number from 1 to 100"),
        ("POSTERN_PREPARED_STATEMENTS", "no", "POSTERN_PREPARED_STATEMENTS must be one of on, off"),
        ("POSTERN_ACCESS_TOKEN_TTL", "59s", "POSTERN_ACCESS_TOKEN_TTL must be from 60s to 86400s"),
        ("POSTERN_ACCESS_TOKEN_TTL", "25h", "POSTERN_ACCESS_TOKEN_TTL must be from 60s to 86400s"),
        ("POSTERN_REFRESH_TOKEN_TTL", "367d", "POSTERN_REFRESH_TOKEN_TTL must be from 300s to 31622400s"),
        ("POSTERN_API_KEY_PREFIX", "a", "POSTERN_API_KEY_PREFIX must be 2 to 12 characters of a-z and 0-9"),
        ("POSTERN_API_KEY_PREFIX", "Acme", "POSTERN_API_KEY_PREFIX must be 2 to 12 characters of a-z and 0-9"),
        ("POSTERN_API_KEY_PREFIX", "ac_me", "POSTERN_API_KEY_PREFIX must be 2 to 12 characters of a-z and 0-9"),
        ("POSTERN_API_KEY_PREFIX", "abcdefghijklm", "POSTERN_API_KEY_PREFIX must be 2 to 12 characters of a-z and 0-9"),
    ])
    func init_whenASettingIsWrong_namesItWithoutItsValue(key: String, value: String, message: String) {
        #expect(refusal { try configuration([key: value]) } == message)
    }

    @Test func printing_showsNeitherPasswordNorSecret() throws {
        var text = ""
        dump(
            try configuration([
                "POSTERN_GOOGLE_CLIENT_ID": "id", "POSTERN_GOOGLE_CLIENT_SECRET": "hunter2",
                "POSTERN_REPLICA_DATABASE_URL": "postgresql://u:hunter2@standby/postern",
            ]),
            to: &text
        )
        #expect(!text.contains("hunter2"))
        #expect(!text.contains("c2VjcmV0"))
    }

    @Test(arguments: [(true, LogFormat.text), (false, .json)])
    func logging_byDefault_isTextOnATerminalAndJSONElsewhere(isTerminal: Bool, format: LogFormat) throws {
        let logging = try LoggingConfiguration(Settings(environment: [:]), isTerminal: isTerminal)
        #expect(logging.format == format)
        #expect(logging.level == .info)
    }

    @Test func logging_asSet_isThat() throws {
        let settings = try Settings(environment: ["POSTERN_LOG_LEVEL": "debug", "POSTERN_LOG_FORMAT": "text"])
        let logging = try LoggingConfiguration(settings, isTerminal: false)
        #expect(logging.format == .text)
        #expect(logging.level == .debug)
    }

    @Test func logging_toAFile_isJSONEvenOnATerminal() throws {
        let settings = try Settings(environment: ["POSTERN_LOG_FILE": "/var/log/postern.log"])
        let logging = try LoggingConfiguration(settings, isTerminal: true)
        #expect(logging.file == "/var/log/postern.log")
        #expect(logging.format == .json)
    }

    @Test func logging_toAFileThatIsNotAbsolute_isRefused() throws {
        let settings = try Settings(environment: ["POSTERN_LOG_FILE": "postern.log"])
        #expect(
            refusal { try LoggingConfiguration(settings, isTerminal: false) }
                == "POSTERN_LOG_FILE must be an absolute path"
        )
    }

    @Test func logging_toAFileThatCannotBeWritten_isRefused() {
        let logging = LoggingConfiguration(level: .info, format: .json, file: "/nowhere/postern.log")
        #expect(
            refusal { try logging.openFile() }
                == "POSTERN_LOG_FILE names a file that cannot be written: No such file or directory"
        )
    }

    @Test func logging_whenTheLevelIsUnknown_namesTheOthers() throws {
        let settings = try Settings(environment: ["POSTERN_LOG_LEVEL": "loud"])
        #expect(
            refusal { try LoggingConfiguration(settings, isTerminal: false) }
                == "POSTERN_LOG_LEVEL must be one of trace, debug, info, notice, warning, error, critical"
        )
    }
}
