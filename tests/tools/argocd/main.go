// What argocd-repo-server asks of a plugin, without a repository server: it sends a folder to argocd-cmp-server with the
// repository server's own code, and prints the manifests, or with -parameters the announced parameters, that come back.
//
//	argocd-cmp-client [-parameters] SOCKET REPOSITORY APPLICATION
//	argocd-cmp-client -kustomize OPTIONS REPOSITORY APPLICATION
//
// APPLICATION is a manifest; its source.path is a folder of the repository. With -kustomize no plugin is asked: the folder is
// built as the repository server builds a kustomization under `kustomize.buildOptions: OPTIONS`.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/argoproj/argo-cd/v3/cmpserver/apiclient"
	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/util/cmp"
	"github.com/argoproj/argo-cd/v3/util/git"
	"github.com/argoproj/argo-cd/v3/util/kustomize"
	log "github.com/sirupsen/logrus"
	"google.golang.org/grpc/status"
	"sigs.k8s.io/yaml"
)

func main() {
	parameters := flag.Bool("parameters", false, "print the announced parameters")
	options := flag.String("kustomize", "", "build a kustomization under these options")
	flag.Parse()
	var err error
	switch {
	case *options != "" && flag.NArg() == 2:
		err = build(*options, flag.Arg(0), flag.Arg(1))
	case *options == "" && flag.NArg() == 3:
		err = ask(*parameters, flag.Arg(0), flag.Arg(1), flag.Arg(2))
	default:
		fmt.Fprintln(os.Stderr, "usage: argocd-cmp-client [-parameters] SOCKET REPOSITORY APPLICATION | -kustomize OPTIONS REPOSITORY APPLICATION")
		os.Exit(2)
	}
	if err != nil {
		// As Argo CD puts it into the Application's conditions.
		fmt.Fprintln(os.Stderr, status.Convert(err).Message())
		os.Exit(1)
	}
}

func read(repository, manifest string) (*v1alpha1.Application, string, error) {
	text, err := os.ReadFile(manifest)
	if err != nil {
		return nil, "", err
	}
	app := v1alpha1.Application{}
	if err := yaml.UnmarshalStrict(text, &app); err != nil {
		return nil, "", err
	}
	root, err := filepath.Abs(repository)
	return &app, root, err
}

func build(options, repository, manifest string) error {
	app, root, err := read(repository, manifest)
	if err != nil {
		return err
	}
	// The repository server logs every command.
	log.SetOutput(io.Discard)
	folder := filepath.Join(root, app.Spec.Source.Path)
	kustomization := kustomize.NewKustomizeApp(root, folder, git.NopCreds{}, app.Spec.Source.RepoURL, "", "", "")
	settings := &v1alpha1.KustomizeOptions{BuildOptions: options}
	env := &v1alpha1.Env{{Name: "ARGOCD_APP_NAME", Value: app.Name}}
	objects, _, _, err := kustomization.Build(nil, settings, env, nil)
	if err != nil {
		return err
	}
	for _, object := range objects {
		text, err := yaml.Marshal(object)
		if err != nil {
			return err
		}
		fmt.Printf("---\n%s", text)
	}
	return nil
}

func ask(parameters bool, socket, repository, manifest string) error {
	app, root, err := read(repository, manifest)
	if err != nil {
		return err
	}
	env, err := environment(app)
	if err != nil {
		return err
	}
	folder := filepath.Join(root, app.Spec.Source.Path)
	// The repository server's own deadline for one request.
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, client, err := apiclient.NewConfigManagementPluginClientSet(socket).NewConfigManagementPluginClient()
	if err != nil {
		return err
	}
	defer conn.Close()
	if parameters {
		stream, err := client.GetParametersAnnouncement(ctx)
		if err != nil {
			return err
		}
		if err := cmp.SendRepoStream(ctx, folder, root, stream, env, nil); err != nil {
			return err
		}
		answer, err := stream.CloseAndRecv()
		if err != nil {
			return err
		}
		for _, parameter := range answer.ParameterAnnouncements {
			text, err := yaml.Marshal(parameter)
			if err != nil {
				return err
			}
			fmt.Printf("---\n%s", text)
		}
		return nil
	}
	stream, err := client.GenerateManifest(ctx)
	if err != nil {
		return err
	}
	if err := cmp.SendRepoStream(ctx, folder, root, stream, env, nil); err != nil {
		return err
	}
	answer, err := stream.CloseAndRecv()
	if err != nil {
		return err
	}
	for _, text := range answer.Manifests {
		manifest, err := yaml.JSONToYAML([]byte(text))
		if err != nil {
			return err
		}
		fmt.Printf("---\n%s", manifest)
	}
	return nil
}

// environment is what the repository server sets for the plugin.
func environment(app *v1alpha1.Application) ([]string, error) {
	source := app.Spec.Source
	env := []string{
		"ARGOCD_APP_NAME=" + app.Name,
		"ARGOCD_APP_NAMESPACE=" + app.Spec.Destination.Namespace,
		"ARGOCD_APP_PROJECT_NAME=" + app.Spec.Project,
		"ARGOCD_APP_SOURCE_REPO_URL=" + source.RepoURL,
		"ARGOCD_APP_SOURCE_PATH=" + source.Path,
		"ARGOCD_APP_SOURCE_TARGET_REVISION=" + source.TargetRevision,
		"KUBE_VERSION=1.33.0",
		"KUBE_API_VERSIONS=" + strings.Join([]string{"v1", "apps/v1", "networking.k8s.io/v1"}, ","),
	}
	if source.Plugin == nil {
		return env, nil
	}
	for _, entry := range source.Plugin.Env {
		env = append(env, "ARGOCD_ENV_"+entry.Name+"="+entry.Value)
	}
	parameters, err := source.Plugin.Parameters.Environ()
	return append(env, parameters...), err
}
