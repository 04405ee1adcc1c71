// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Models

/// The way of a signed-in user through a provider to a code with which ``IdentityAdministration`` links an identity.
extension SignInService {
    /// The address that the browser of `principal` opens to prove an identity at a provider.
    ///
    /// Opening it sets the cookie that binds the browser, which an answer to the app's own request could not do.
    ///
    /// - Parameters:
    ///   - name: The provider.
    ///   - principal: Who wants to link.
    ///   - redirectTo: The address of the app to return to.
    ///   - codeChallenge: The app's S256 challenge.
    ///   - appState: What the app gets back unread.
    /// - Returns: The address, which is good for a minute.
    /// - Throws: ``ErrorCode/notFound`` for an unknown provider, ``ErrorCode/invalidRedirect`` for an address that it may
    ///   not return to.
    package func linkURL(
        with name: String,
        for principal: Principal,
        redirectTo: String,
        codeChallenge: String,
        appState: String?
    ) throws(DomainError) -> Redacted<String> {
        let provider = try provider(named: name)
        try requireAllowed(redirectTo)
        let ticket = LinkTicket(
            provider: provider.name,
            app: AppReturn(
                redirectURI: redirectTo,
                codeChallenge: codeChallenge,
                state: appState,
                linkingUser: principal.userID
            ),
            expiresAt: clock.now() + LinkTicket.lifetime
        )
        do {
            return Redacted("\(loginURL(of: provider))?link=\(try ticket.sealed(with: encryption))")
        } catch {
            throw DomainError(wrapping: error)
        }
    }

    /// Begins the link that `ticket`, from the query of such an address, stands for.
    ///
    /// - Throws: ``ErrorCode/notFound`` for an unknown provider, ``ErrorCode/invalidState`` for a ticket that is none of
    ///   ours, expired or for another provider, ``ErrorCode/upstream`` when the provider does not answer.
    package func begin(with name: String, link ticket: String) async throws(DomainError) -> Start {
        let provider = try provider(named: name)
        guard
            let ticket = LinkTicket(opening: ticket, with: encryption),
            ticket.provider == name, clock.now() < ticket.expiresAt
        else {
            throw DomainError(.invalidState, "The link is not valid, or was not opened within a minute.")
        }
        return try await start(with: provider, for: ticket.app)
    }

    /// What the app of `user` links `identity` with.
    func linkCode(
        for user: Identifier<User>,
        _ identity: ExternalIdentity,
        to app: AppReturn
    ) throws(DomainError) -> Redacted<String> {
        let code = LinkCode(
            user: user,
            identity: identity,
            codeChallenge: app.codeChallenge,
            expiresAt: clock.now() + LinkCode.lifetime
        )
        do {
            return Redacted(try code.sealed(with: encryption))
        } catch {
            throw DomainError(wrapping: error)
        }
    }
}
