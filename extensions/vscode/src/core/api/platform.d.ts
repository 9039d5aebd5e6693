/* Written by `npm run types` from the server's OpenAPI document. */
export interface paths {
    "/api/v1/environments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the environments, in the order releases move through them */
        get: operations["listEnvironments"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/promotions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the promotions, the newest first */
        get: operations["listPromotions"];
        put?: never;
        /**
         * Ask for a release to be promoted into an environment
         * @description It is refused with 409 where the release is not finalized, was never deployed to the environment before, or has
         *     an open promotion to the same environment already. A freeze window does not refuse it: it waits as `pending_gate`.
         */
        post: operations["createPromotion"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/promotions/{promotionId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One promotion as it stands */
        get: operations["getPromotion"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/promotions/{promotionId}/approve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Approve a promotion
         * @description It takes `requiredApprovals` different people of those who may approve. Nobody approves what they asked for
         *     themselves (403 `OWN_PROMOTION`), and nobody decides twice (409 `ALREADY_DECIDED`).
         */
        post: operations["approvePromotion"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/promotions/{promotionId}/reject": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Reject a promotion; one rejection ends it */
        post: operations["rejectPromotion"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/releases": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the releases, the newest first */
        get: operations["listReleases"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/releases/{releaseId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One release with its components */
        get: operations["getRelease"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Approval: {
            comment?: string;
        };
        /** @description One image of a release */
        Component: {
            /** @description The identity where present, as `sha256:` and 64 hexadecimal digits */
            digest?: string;
            /** @description Repository without tag or digest */
            image: string;
            name: string;
            /** @description The integration in the integrations hub whose registry holds the image */
            registryIntegrationId?: string;
        };
        /** @description What runs in an environment now */
        CurrentRelease: {
            deployedAt?: components["schemas"]["Time"];
            id: components["schemas"]["Id"];
            name: string;
            version?: string;
        };
        /** @description One person's approval or rejection */
        Decision: {
            at: components["schemas"]["Time"];
            by: string;
            comment?: string;
        };
        /** @description Where releases are deployed to */
        Environment: {
            /** @description The subjects who may approve here; everybody with the scope where it is missing */
            approvers?: string[];
            /** @description Told with `includeState=true` */
            currentRelease?: components["schemas"]["CurrentRelease"] | null;
            displayName?: string;
            /** @description Told with `includeState=true`; those that are over are left out */
            freezeWindows?: components["schemas"]["FreezeWindow"][];
            id: components["schemas"]["Id"];
            isProduction?: boolean;
            /** @description What stella.yaml calls it */
            name: string;
            /** @description Releases move from the lowest to the highest */
            orderIndex?: number;
            requiredApprovals?: number;
            /**
             * Format: uri
             * @description A page of it for a person's browser; missing where the server has none
             */
            webUrl?: string;
        };
        EnvironmentListAnswer: components["schemas"]["Environment"][] | {
            data: components["schemas"]["Environment"][];
            meta?: components["schemas"]["Meta"];
            success?: boolean;
        };
        ErrorEnvelope: {
            error: {
                /** @example OWN_PROMOTION */
                code: string;
                message: string;
                traceId?: string;
            };
        };
        /** @description A time in which nothing is deployed; promotions wait for its end */
        FreezeWindow: {
            from: components["schemas"]["Time"];
            reason?: string;
            until: components["schemas"]["Time"];
        };
        /** @description What a promotion in `pending_gate` waits for */
        Gate: {
            /** @example freeze-window */
            name: string;
            reason?: string;
            until?: components["schemas"]["Time"];
        };
        /** @description Opaque; do not take it apart */
        Id: string;
        /** @description About a listing; all of it may be missing */
        Meta: {
            total?: number;
        };
        /** @description RFC 9457 */
        Problem: {
            code?: string;
            detail?: string;
            status?: number;
            title?: string;
            traceId?: string;
            type?: string;
        };
        /** @description A release on its way into an environment */
        Promotion: {
            approvals?: components["schemas"]["Decision"][];
            failureReason?: string;
            gates?: components["schemas"]["Gate"][];
            id: components["schemas"]["Id"];
            reason?: string;
            rejection?: components["schemas"]["Decision"] | null;
            releaseId?: components["schemas"]["Id"];
            releaseName?: string;
            releaseVersion?: string;
            requestedAt?: components["schemas"]["Time"];
            requestedBy?: string;
            requiredApprovals?: number;
            /** @description Null for the first environment */
            sourceEnvironmentName?: string | null;
            /** @description An open set */
            status: string;
            statusChangedAt?: components["schemas"]["Time"];
            targetEnvironmentId?: components["schemas"]["Id"];
            targetEnvironmentName?: string;
            /**
             * Format: uri
             * @description A page of it for a person's browser; missing where the server has none
             */
            webUrl?: string;
        };
        PromotionAnswer: components["schemas"]["Promotion"] | {
            data: components["schemas"]["Promotion"];
            meta?: components["schemas"]["Meta"];
            success?: boolean;
        };
        /** @description What is asked for */
        PromotionDraft: {
            reason?: string;
            releaseId: components["schemas"]["Id"];
            targetEnvironmentId: components["schemas"]["Id"];
        };
        PromotionListAnswer: components["schemas"]["Promotion"][] | {
            data: components["schemas"]["Promotion"][];
            meta?: components["schemas"]["Meta"];
            success?: boolean;
        };
        Rejection: {
            reason: string;
        };
        /** @description What is promoted as one */
        Release: {
            components?: components["schemas"]["Component"][];
            createdAt?: components["schemas"]["Time"];
            createdBy?: string;
            id: components["schemas"]["Id"];
            /** @description What stella.yaml calls `release`; versions of one release share it */
            name: string;
            /** @description An open set */
            status?: string;
            version?: string;
            /**
             * Format: uri
             * @description A page of it for a person's browser; missing where the server has none
             */
            webUrl?: string;
        };
        ReleaseAnswer: components["schemas"]["Release"] | {
            data: components["schemas"]["Release"];
            meta?: components["schemas"]["Meta"];
            success?: boolean;
        };
        ReleaseListAnswer: components["schemas"]["Release"][] | {
            data: components["schemas"]["Release"][];
            meta?: components["schemas"]["Meta"];
            success?: boolean;
        };
        /**
         * Format: date-time
         * @description RFC 3339, UTC
         */
        Time: string;
    };
    responses: {
        /** @description The body is not JSON */
        BadRequest: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorEnvelope"];
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description It cannot be done as things stand; the sentence says why */
        Conflict: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorEnvelope"];
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The scope is missing, the tenant is, or this person may not do this; the sentence says which */
        Forbidden: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorEnvelope"];
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description A parameter or a member is wrong; the sentence says which and what it must be */
        Invalid: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorEnvelope"];
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Nothing of that name in this tenant; on a listing, that it is not offered here */
        NotFound: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorEnvelope"];
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description This server does not offer this listing */
        NotOffered: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorEnvelope"];
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Anything else is an error */
        Other: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorEnvelope"];
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Too many requests */
        TooMany: {
            headers: {
                /** @description Seconds to wait */
                "Retry-After": number;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorEnvelope"];
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description No token, or one that does not verify. Refresh once; where that fails too, the person is signed out. */
        Unauthenticated: {
            headers: {
                /** @description The challenge of RFC 6750 */
                "WWW-Authenticate"?: string;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorEnvelope"];
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: {
        promotionId: components["schemas"]["Id"];
        releaseId: components["schemas"]["Id"];
    };
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    listEnvironments: {
        parameters: {
            query?: {
                /** @description Tell `currentRelease` and `freezeWindows` too */
                includeState?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The environments */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvironmentListAnswer"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            501: components["responses"]["NotOffered"];
            default: components["responses"]["Other"];
        };
    };
    listPromotions: {
        parameters: {
            query?: {
                /** @description Only those of these statuses, separated by commas; a status nobody knows selects none */
                status?: string[];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The promotions */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PromotionListAnswer"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            501: components["responses"]["NotOffered"];
            default: components["responses"]["Other"];
        };
    };
    createPromotion: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PromotionDraft"];
            };
        };
        responses: {
            /** @description The promotion */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PromotionAnswer"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            default: components["responses"]["Other"];
        };
    };
    getPromotion: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                promotionId: components["parameters"]["promotionId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The promotion */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PromotionAnswer"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["TooMany"];
            default: components["responses"]["Other"];
        };
    };
    approvePromotion: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                promotionId: components["parameters"]["promotionId"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Approval"];
            };
        };
        responses: {
            /** @description The promotion as it stands now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PromotionAnswer"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            default: components["responses"]["Other"];
        };
    };
    rejectPromotion: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                promotionId: components["parameters"]["promotionId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Rejection"];
            };
        };
        responses: {
            /** @description The promotion as it stands now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PromotionAnswer"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            default: components["responses"]["Other"];
        };
    };
    listReleases: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The releases */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReleaseListAnswer"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["TooMany"];
            501: components["responses"]["NotOffered"];
            default: components["responses"]["Other"];
        };
    };
    getRelease: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                releaseId: components["parameters"]["releaseId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The release */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReleaseAnswer"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["TooMany"];
            default: components["responses"]["Other"];
        };
    };
}
