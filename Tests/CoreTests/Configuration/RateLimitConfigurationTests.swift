// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Testing

@Suite struct RateLimitConfigurationTests {
    @Test func rateLimit_ofEachUnit_isReadWithItsInterval() {
        #expect(RateLimit("10/s")?.interval == .milliseconds(100))
        #expect(RateLimit("60/m")?.interval == .seconds(1))
        #expect(RateLimit("1000/h")?.interval == .milliseconds(3600))
        #expect(RateLimit("1/d") == RateLimit(count: 1, per: .seconds(86_400)))
    }

    @Test(arguments: [
        "", "60", "60/", "/m", "0/m", "-1/m", "+1/m", "60/w", "60/mm", "60/1m", "60/m/m", " 60/m", "1000001/s",
    ])
    func rateLimit_ofAnythingElse_isNone(_ text: String) {
        #expect(RateLimit(text) == nil)
    }

    @Test func configuration_whenNothingIsSet_limitsSignInsAndFailuresAlone() throws {
        let limits = try RateLimitConfiguration(Settings(environment: [:]))

        #expect(limits.address == nil && limits.credential == nil)
        #expect(limits.failed == RateLimit("60/m"))
        #expect(limits.signIn == RateLimit("30/m"))
    }

    @Test func configuration_whenALimitIsOff_hasNone() throws {
        let limits = try RateLimitConfiguration(Settings(environment: [SettingKey.rateLimitFailed: "off"]))

        #expect(limits.failed == nil && limits.signIn != nil)
    }
}
