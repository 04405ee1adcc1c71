// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Testing

@Suite struct ProviderSettingsTests {
    private func providers(_ environment: [String: String]) throws -> [ProviderSettings] {
        try ProviderSettings.all(Settings(environment: environment))
    }

    @Test func all_whenNothingIsSet_isEmpty() throws {
        #expect(try providers([:]).isEmpty)
        #expect(try providers(["POSTERN_OIDC_CORP_ISSUER": "", "POSTERN_GOOGLE_CLIENT_ID": ""]).isEmpty)
    }

    @Test func google_needsNoMoreThanClientIDAndSecret() throws {
        let google = try #require(
            try providers(["POSTERN_GOOGLE_CLIENT_ID": "id", "POSTERN_GOOGLE_CLIENT_SECRET": "hunter2"]).first
        )
        #expect(google.name == "google")
        #expect(google.displayName == "Google")
        #expect(google.issuer == "https://accounts.google.com")
        #expect(google.clientID == "id")
        #expect(google.clientSecret?.exposed == "hunter2")
        #expect(google.scopes == ["openid", "email", "profile"])
    }

    @Test func oidc_takesItsNameFromTheSettings() throws {
        let corp = try #require(
            try providers([
                "POSTERN_OIDC_BIG_CORP_ISSUER": "https://sso.example.com", "POSTERN_OIDC_BIG_CORP_CLIENT_ID": "id",
            ]).first
        )
        #expect(corp.name == "big-corp")
        #expect(corp.displayName == "Big Corp")
        #expect(corp.issuer == "https://sso.example.com")
        #expect(corp.clientID == "id")
        #expect(corp.clientSecret == nil)
        #expect(corp.scopes == ["openid", "email", "profile"])
    }

    @Test(arguments: [
        ("openid email", ["openid", "email"]), ("email,groups", ["openid", "email", "groups"]),
        ("email, openid", ["email", "openid"]), ("profile", ["openid", "profile"]),
    ])
    func scopes_alwaysHoldOpenID(text: String, scopes: [String]) throws {
        let corp = try providers([
            "POSTERN_OIDC_CORP_ISSUER": "https://sso.example.com", "POSTERN_OIDC_CORP_CLIENT_ID": "id",
            "POSTERN_OIDC_CORP_SCOPES": text,
        ])
        #expect(corp.first?.scopes == scopes)
    }

    /// A part's name may stand in a provider's name.
    @Test func all_areGoogleAndThenTheOthersByName() throws {
        let all = try providers([
            "POSTERN_OIDC_Z_ISSUER": "https://z.example.com", "POSTERN_OIDC_Z_CLIENT_ID": "z",
            "POSTERN_OIDC_MY_ISSUER_ISSUER": "https://m.example.com", "POSTERN_OIDC_MY_ISSUER_CLIENT_ID": "m",
            "POSTERN_OIDC_MY_ISSUER_CLIENT_SECRET": "hunter2",
            "POSTERN_GOOGLE_CLIENT_ID": "id", "POSTERN_GOOGLE_CLIENT_SECRET": "hunter2",
            "POSTERN_GOOGLE_ISSUER": "https://google.example.com",
        ])
        #expect(all.map(\.name) == ["google", "my-issuer", "z"])
        #expect(all.map(\.clientID) == ["id", "m", "z"])
        #expect(all.first?.issuer == "https://google.example.com")
    }

    @Test(arguments: [
        (["POSTERN_GOOGLE_CLIENT_ID"], "POSTERN_GOOGLE_CLIENT_SECRET must be set with POSTERN_GOOGLE_CLIENT_ID"),
        (["POSTERN_GOOGLE_CLIENT_SECRET"], "POSTERN_GOOGLE_CLIENT_ID must be set with POSTERN_GOOGLE_CLIENT_SECRET"),
        (["POSTERN_GOOGLE_ISSUER"], "POSTERN_GOOGLE_CLIENT_ID must be set with POSTERN_GOOGLE_ISSUER"),
        (
            ["POSTERN_OIDC_CORP_CLIENT_ID"],
            "POSTERN_OIDC_CORP_ISSUER must be set with the other POSTERN_OIDC_CORP_ settings"
        ),
        (
            ["POSTERN_OIDC_CORP_CLIENT_SECRET"],
            "POSTERN_OIDC_CORP_ISSUER must be set with the other POSTERN_OIDC_CORP_ settings"
        ),
        (["POSTERN_OIDC_CORP_ISSUER"], "POSTERN_OIDC_CORP_CLIENT_ID must be set with POSTERN_OIDC_CORP_ISSUER"),
        (
            ["POSTERN_OIDC_corp_ISSUER", "POSTERN_OIDC_corp_CLIENT_ID"],
            "POSTERN_OIDC_corp_ISSUER must name the provider with A-Z, 0-9 and _ alone"
        ),
        (
            [
                "POSTERN_OIDC_GOOGLE_ISSUER", "POSTERN_OIDC_GOOGLE_CLIENT_ID", "POSTERN_GOOGLE_CLIENT_ID",
                "POSTERN_GOOGLE_CLIENT_SECRET",
            ],
            "POSTERN_OIDC_GOOGLE_ISSUER names a provider that exists already"
        ),
    ])
    func all_whenAPartIsMissingOrWrong_isRefusedWithoutValues(keys: [String], message: String) {
        let environment = Dictionary(uniqueKeysWithValues: keys.map { ($0, "hunter2") })
        #expect(refusal { try providers(environment) } == message)
    }
}
