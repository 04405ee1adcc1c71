// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Hummingbird
import HummingbirdCore

/// Stands for the router's own answer to a request without a route, which is not of the documented form.
struct UnknownAddressMiddleware: RouterMiddleware {
    static let error = DomainError(.notFound, "There is nothing at this address.")

    func handle(
        _: Request,
        context _: APIRequestContext,
        next _: (Request, APIRequestContext) async throws -> Response
    ) async throws -> Response {
        throw Self.error
    }
}
