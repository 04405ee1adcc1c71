// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Models
import Services
import Testing

/// Linking an identity on purpose: from the user's wish to the provider, back to the app with a code, and to the link.
@Suite struct IdentityLinkingTests {
    private static let app = "https://app.example.com/callback"

    private let fixture: SignInFixture
    private let pkce: PKCE
    private let ada: User

    init() async throws {
        fixture = try await SignInFixture(redirectURLs: Self.app)
        pkce = try PKCE.generate()
        ada = try fixture.installation.addUser("ada")
        fixture.provider.answer(ScriptedIdentityProvider.identity(subject: "work", email: "ada@work.example"))
    }

    private var installation: Installation { fixture.installation }

    /// What stands in the address that the browser of `user` opens.
    private func ticket(for user: User) throws -> String {
        let url = try fixture.signIn.linkURL(
            with: "corp",
            for: installation.token(of: user),
            redirectTo: Self.app,
            codeChallenge: pkce.challenge,
            appState: "x y"
        ).exposed
        let prefix = "https://id.example.com/api/v1/auth/corp/login?link="
        try #require(url.hasPrefix(prefix))
        return String(url.dropFirst(prefix.count))
    }

    private func open(_ ticket: String) async throws -> Arrival {
        let start = try await fixture.signIn.begin(with: "corp", link: ticket)
        let state = try #require(fixture.provider.requests.last?.state)
        return Arrival(provider: "corp", state: state, cookie: start.cookie.value)
    }

    /// The query that the app gets.
    private func query(_ arrival: Arrival) async throws -> String {
        guard case .redirect(let location, _) = try await fixture.end(arrival) else {
            Issue.record("The app gets nothing.")
            return ""
        }
        try #require(location.hasPrefix("\(Self.app)?"))
        return String(location.dropFirst(Self.app.count + 1))
    }

    private func code(for user: User) async throws -> String {
        let query = try await query(open(ticket(for: user)))
        try #require(query.hasPrefix("code=") && query.hasSuffix("&state=x%20y"))
        return String(query.dropFirst("code=".count).dropLast("&state=x%20y".count))
    }

    private func link(_ code: String, as user: User, verifier: String? = nil) async throws -> LinkedIdentity {
        try await installation.identities.link(
            code,
            codeVerifier: verifier ?? pkce.verifier.exposed,
            installation.token(of: user)
        )
    }

    private func owner(of subject: String) -> Identifier<User>? {
        installation.store.tables.identities.owner(issuer: ScriptedIdentityProvider.issuer, subject: subject)
    }

    /// With an `Idempotency-Key` it is a part of a transaction, which may be undone and begun again.
    @Test(arguments: [true, false])
    func link_asAPartOfATransaction_isLoggedOnceThatHasCommitted(commits: Bool) async throws {
        let code = try await code(for: ada)
        let principal = try installation.token(of: ada)
        _ = await failure {
            try await installation.transactions.run { () async throws(DomainError) in
                _ = try await installation.identities.link(
                    code,
                    codeVerifier: pkce.verifier.exposed,
                    principal
                )
                if !commits { throw DomainError(.conflict, "stop") }
            }
        }
        #expect(installation.log.messages == (commits ? ["identity linked"] : []))
    }

    @Test func link_withCodeAndVerifier_linksAndASecondTimeChangesNothing() async throws {
        let code = try await code(for: ada)
        #expect(owner(of: "work") == nil)
        let identity = try await link(code, as: ada)
        #expect(identity.email == "ada@work.example" && installation.identities.provider(of: identity) == "corp")
        #expect(try await link(code, as: ada) == identity)
        #expect(try await installation.identities.findOwn(identity.id, installation.token(of: ada)) == identity)
        try await fixture.complete()
        #expect(installation.sessions.opened.map(\.session.userID) == [ada.id])
    }

    @Test func complete_ofALink_neitherMakesAUserNorSignsAnybodyIn() async throws {
        let others = installation.users.all.count
        _ = try await code(for: ada)
        #expect(installation.users.all.count == others)
        #expect(installation.sessions.opened.isEmpty && installation.store.tables.authorizationCodes.isEmpty)
    }

    @Test func link_byAnybodyElse_isInvalid() async throws {
        let code = try await code(for: ada)
        let bob = try installation.addUser("bob")
        let other = try PKCE.generate().verifier.exposed
        let elsewhere = try await IdentityLinkingTests()
        let foreign = try await elsewhere.code(for: elsewhere.ada)
        let ticket = try ticket(for: ada)
        let cookie = try #require(try await open(ticket).cookie)
        for (code, user, verifier) in [
            (code, bob, pkce.verifier.exposed), (code, ada, other), (code, ada, pkce.challenge), ("", ada, other),
            (String(code.dropLast(4)), ada, pkce.verifier.exposed), (foreign, ada, pkce.verifier.exposed),
            (ticket, ada, pkce.verifier.exposed), (cookie, ada, pkce.verifier.exposed),
        ] {
            let error = await failure { try await link(code, as: user, verifier: verifier) }
            #expect(error?.code == .validationFailed && error?.fields.map(\.name) == ["code"])
        }
        #expect(owner(of: "work") == nil)
    }

    @Test func link_afterAMinute_isInvalid() async throws {
        let inTime = try await code(for: ada)
        installation.clock.advance(by: .seconds(60) - .microseconds(1))
        _ = try await link(inTime, as: ada)
        installation.clock.advance(by: .microseconds(1))
        #expect(await failure { try await link(inTime, as: ada) }?.code == .validationFailed)
    }

    @Test func begin_withATicketAfterAMinute_isRefused() async throws {
        let ticket = try ticket(for: ada)
        installation.clock.advance(by: .seconds(60) - .microseconds(1))
        _ = try await open(ticket)
        installation.clock.advance(by: .microseconds(1))
        #expect(await failure { try await open(ticket) }?.code == .invalidState)
    }

    @Test func begin_withATicketThatIsNotForThis_isRefused() async throws {
        let ticket = try ticket(for: ada)
        let elsewhere = try await IdentityLinkingTests()
        let foreign = try elsewhere.ticket(for: elsewhere.ada)
        let cookie = try #require(try await fixture.begin().cookie)
        for (provider, ticket) in [("other", ticket), ("corp", foreign), ("corp", cookie), ("corp", "x"), ("corp", "")]
        {
            let error = await failure { try await fixture.signIn.begin(with: provider, link: ticket) }
            #expect(error?.code == .invalidState)
        }
        #expect(await failure { try await fixture.signIn.begin(with: "none", link: ticket) }?.code == .notFound)
    }

    @Test func linkURL_toAnAddressThatIsNotAllowed_isRefused() throws {
        for address in ["", "\(Self.app)/", "https://evil.example"] {
            #expect(throws: DomainError.self) {
                try fixture.signIn.linkURL(
                    with: "corp",
                    for: installation.token(of: ada),
                    redirectTo: address,
                    codeChallenge: pkce.challenge,
                    appState: nil
                )
            }
        }
    }

    @Test func complete_whenTheProviderFails_tellsTheApp() async throws {
        fixture.provider.fail(DomainError(.upstream, "The provider does not answer."))
        #expect(try await query(open(ticket(for: ada))) == "error=temporarily_unavailable&state=x%20y")
    }

    @Test func link_ofSomebodyElsesIdentity_isAConflictAndLeavesIt() async throws {
        let bob = try installation.addUser("bob")
        _ = try await link(code(for: bob), as: bob)
        let code = try await code(for: ada)
        #expect(await failure { try await link(code, as: ada) }?.code == .conflict)
        #expect(owner(of: "work") == bob.id)
    }

    @Test func link_asAUserWhoIsNotActiveAnyMore_isRefused() async throws {
        let code = try await code(for: ada)
        try installation.deactivate(ada)
        #expect(await failure { try await link(code, as: ada) }?.code == .unauthenticated)
        #expect(owner(of: "work") == nil)
    }
}
