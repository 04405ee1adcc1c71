// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Testing

@Suite struct SettingsTests {
    private enum Fruit: String, CaseIterable {
        case apple
        case pear
    }

    @Test func text_ofASettingThatIsEmptyOrAbsent_isNil() throws {
        let settings = try Settings(environment: ["POSTERN_LISTEN": "", "PATH": "/bin", "DATABASE_URL": "host=a"])
        #expect(settings.text("POSTERN_LISTEN") == nil)
        #expect(settings.text("POSTERN_WORKERS") == nil)
        #expect(settings.text("PATH") == nil)
        #expect(settings.text("DATABASE_URL") == "host=a")
    }

    @Test func init_whenASettingIsUnknown_namesItAndTheNearestOneButNoValue() {
        #expect(
            refusal { try Settings(environment: ["POSTERN_LISTN": "hunter2"]) }
                == "POSTERN_LISTN is not a setting of Postern; did you mean POSTERN_LISTEN?"
        )
        #expect(
            refusal { try Settings(environment: ["POSTERN_TOTALLY_ELSE": "hunter2"]) }
                == "POSTERN_TOTALLY_ELSE is not a setting of Postern"
        )
    }

    @Test(arguments: [
        "POSTERN_", "POSTERN_OIDC_ISSUER", "POSTERN_OIDC__ISSUER", "POSTERN_OIDC_CORP_SECRET", "POSTERN_listen",
    ])
    func init_whenASettingIsAlmostOne_isRefused(key: String) {
        #expect(
            refusal { try Settings(environment: [key: "1"]) }?.hasPrefix("\(key) is not a setting of Postern") == true
        )
    }

    @Test func init_whenTheFileIsAbsent_namesTheSetting() {
        #expect(
            refusal { try Settings(environment: ["POSTERN_CONFIG": "/nonexistent/postern.conf"]) }
                == "POSTERN_CONFIG names a file that cannot be read"
        )
    }

    @Test func init_whenTheNameOfTheFileIsEmpty_readsNone() throws {
        #expect(try Settings(environment: ["POSTERN_CONFIG": ""]).text("POSTERN_CONFIG") == nil)
    }

    @Test(arguments: ["\n", "\r\n"])
    func file_isReadLineByLine(lineEnd: String) throws {
        let lines = [
            "# a comment", "", "POSTERN_LISTEN = 127.0.0.1:1 ", "DATABASE_URL=host=a password=b#c",
            "\tPOSTERN_WORKERS=\"2\"",
            "POSTERN_GOOGLE_ISSUER=\" spaced \"", "POSTERN_SECRET=\"", "POSTERN_API_KEY_PREFIX=",
        ]
        let settings = try settings(file: lines.joined(separator: lineEnd))
        #expect(settings.text("POSTERN_LISTEN") == "127.0.0.1:1")
        #expect(settings.text("DATABASE_URL") == "host=a password=b#c")
        #expect(settings.text("POSTERN_WORKERS") == "2")
        #expect(settings.text("POSTERN_GOOGLE_ISSUER") == " spaced ")
        #expect(settings.text("POSTERN_SECRET") == "\"")
        #expect(settings.text("POSTERN_API_KEY_PREFIX") == nil)
    }

    @Test func environment_comesBeforeTheFile() throws {
        let settings = try settings(
            file: "POSTERN_WORKERS=1\nPOSTERN_LISTEN=127.0.0.1:1\nPOSTERN_POOL_SIZE=3\n",
            environment: ["POSTERN_WORKERS": "2", "POSTERN_POOL_SIZE": ""]
        )
        #expect(settings.text("POSTERN_WORKERS") == "2")
        #expect(settings.text("POSTERN_LISTEN") == "127.0.0.1:1")
        // An empty variable is not set, so it hides nothing.
        #expect(settings.text("POSTERN_POOL_SIZE") == "3")
    }

    @Test(arguments: [
        ("POSTERN_WORKERS=1\nPOSTERN_WORKERS=2", "POSTERN_WORKERS stands twice in the file that POSTERN_CONFIG names"),
        ("POSTERN_WORKRS=1", "POSTERN_WORKRS is not a setting of Postern; did you mean POSTERN_WORKERS?"),
        ("PATH=/bin", "PATH is not a setting of Postern"),
        ("#\nhunter2", "POSTERN_CONFIG has no KEY=value in line 2"),
        ("aHVudGVyMg==", "POSTERN_CONFIG has no KEY=value in line 1"),
        ("\n\n=hunter2", "POSTERN_CONFIG has no KEY=value in line 3"),
        ("export POSTERN_WORKERS=1", "POSTERN_CONFIG has no KEY=value in line 1"),
    ])
    func file_whenALineIsWrong_isRefusedWithoutItsValue(file: String, message: String) {
        #expect(refusal { try settings(file: file) } == message)
    }

    @Test(arguments: [("1", 1), ("10", 10), ("007", 7), ("", nil)] as [(String, Int?)])
    func integer_withinItsRange_isRead(text: String, value: Int?) throws {
        #expect(try Settings(environment: ["POSTERN_WORKERS": text]).integer("POSTERN_WORKERS", in: 1...10) == value)
    }

    @Test(arguments: ["0", "11", "-1", "1.0", "one", " 1", "1 ", "0x1", "99999999999999999999"])
    func integer_outsideItsRangeOrNone_isRefusedWithoutTheValue(text: String) throws {
        let settings = try Settings(environment: ["POSTERN_WORKERS": text])
        #expect(
            refusal { try settings.integer("POSTERN_WORKERS", in: 1...10) }
                == "POSTERN_WORKERS must be a whole number from 1 to 10"
        )
    }

    @Test(arguments: [
        ("90s", Duration.seconds(90)), ("30m", .seconds(1800)), ("12h", .seconds(43_200)), ("2d", .seconds(172_800)),
        ("0s", .zero),
    ])
    func duration_isReadInEachUnit(text: String, value: Duration) throws {
        let settings = try Settings(environment: ["POSTERN_ACCESS_TOKEN_TTL": text])
        #expect(try settings.duration("POSTERN_ACCESS_TOKEN_TTL", in: .zero...(.seconds(172_800))) == value)
    }

    @Test(arguments: ["30", "s", "-1s", "1w", "1.5h", "1 h", "1H", "999999999999999999d", "1000000000s"])
    func duration_whenItIsNone_isRefusedWithoutTheValue(text: String) throws {
        let settings = try Settings(environment: ["POSTERN_ACCESS_TOKEN_TTL": text])
        #expect(
            refusal { try settings.duration("POSTERN_ACCESS_TOKEN_TTL", in: .zero...(.seconds(Int64.max))) }
                == "POSTERN_ACCESS_TOKEN_TTL must be a duration such as 90s, 30m, 12h or 30d"
        )
    }

    @Test func duration_outsideItsRange_isRefused() throws {
        let settings = try Settings(environment: ["POSTERN_ACCESS_TOKEN_TTL": "2h"])
        #expect(
            refusal { try settings.duration("POSTERN_ACCESS_TOKEN_TTL", in: .seconds(60)...(.seconds(3600))) }
                == "POSTERN_ACCESS_TOKEN_TTL must be from 60s to 3600s"
        )
    }

    @Test func choice_isOneOfTheNamesInAnyCase() throws {
        #expect(try Settings(environment: ["POSTERN_LOG_LEVEL": "Pear"]).choice("POSTERN_LOG_LEVEL") == Fruit.pear)
        #expect(try Settings(environment: [:]).choice("POSTERN_LOG_LEVEL", as: Fruit.self) == nil)
        let wrong = try Settings(environment: ["POSTERN_LOG_LEVEL": "plum"])
        #expect(
            refusal { try wrong.choice("POSTERN_LOG_LEVEL", as: Fruit.self) }
                == "POSTERN_LOG_LEVEL must be one of apple, pear"
        )
    }
}
