// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Models

/// The routes of all endpoints.
struct APIRouter {
    let responder: RouterResponder<APIRequestContext>

    init(endpoints: [Endpoint], authenticator: Authenticator) {
        let router = Router(context: APIRequestContext.self)
        for (path, endpoints) in Dictionary(grouping: endpoints, by: \.path) {
            for endpoint in endpoints {
                let responder = CallbackResponder<APIRequestContext> { request, context in
                    try await Self.respond(to: request, context, with: endpoint, authenticator)
                }
                router.on(RouterPath(path), method: endpoint.method, responder: responder)
                if endpoint.method == .get { router.on(RouterPath(path), method: .head, responder: responder) }
            }
            Self.refuseOtherMethods(of: path, endpoints, router)
        }
        // Added last, so that it is about requests without a route alone.
        router.add(middleware: UnknownAddressMiddleware())
        self.responder = router.buildResponder()
    }

    private static func respond(
        to request: Request,
        _ context: APIRequestContext,
        with endpoint: Endpoint,
        _ authenticator: Authenticator
    ) async throws -> Response {
        let call = Call(request: request, parameters: context.parameters)
        var principal: Principal?
        if let rule = endpoint.rule { principal = try await authenticator.principal(request.headers, rule: rule) }
        return Response(try await endpoint.handle(call, principal))
    }

    private static func refuseOtherMethods(
        of path: String,
        _ endpoints: [Endpoint],
        _ router: Router<APIRequestContext>
    ) {
        var allowed = Set(endpoints.map(\.method))
        if allowed.contains(.get) { allowed.insert(.head) }
        let error = MethodNotAllowed(allowed: allowed.map(\.rawValue).sorted().joined(separator: ", "))
        let refuse = CallbackResponder<APIRequestContext> { _, _ in throw error }
        let methods: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete, .options, .trace, .connect]
        for method in methods where !allowed.contains(method) {
            router.on(RouterPath(path), method: method, responder: refuse)
        }
    }
}
