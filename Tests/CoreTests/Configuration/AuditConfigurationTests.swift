// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Testing

@Suite struct AuditConfigurationTests {
    private func retention(_ environment: [String: String]) throws -> Duration? {
        try AuditConfiguration(Settings(environment: environment)).retention
    }

    @Test func retention_isWhatIsSet_andElseThirteenMonths() throws {
        #expect(try retention([:]) == .seconds(400 * 86_400))
        #expect(try retention([SettingKey.auditRetention: "90d"]) == .seconds(90 * 86_400))
        #expect(try retention([SettingKey.auditRetention: "0s"]) == nil)
    }

    @Test(arguments: ["-1d", "1", "40000d", "for ever"])
    func retention_whenItIsNone_isRefused(text: String) throws {
        #expect(throws: ConfigurationError.self) { try retention([SettingKey.auditRetention: text]) }
    }
}
